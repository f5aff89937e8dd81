import type { ErrorCode, YAMLError } from 'yaml';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { placeText } from './raw-value.ts';
import type { Place } from './raw-value.ts';

/** The parser's complaint as one line in both languages. */
export function yamlError(
  error: YAMLError,
  where: { readonly place: Place; readonly line: string },
): AppError {
  const at = placeText(where.place);
  const { what, hint } = explain(error.code, where.line);
  return new AppError({
    code: 'config-bad-yaml',
    message: {
      ja: `${at}: YAML として読めません: ${what.ja}`,
      en: `${at}: this is not valid YAML: ${what.en}`,
    },
    hint,
  });
}

/** The line that people must mend; the parser names the place where it could not go on. */
export function lineOfMistake(
  error: YAMLError,
  at: { readonly text: string; readonly line: number },
): number {
  const lines = at.text.split('\n').slice(0, at.line);
  // An open quote swallows the rest of the file: the slip is on the first line that has an odd number of them.
  const quote = /^Missing closing (["'])/.exec(error.message)?.[1];
  if (quote !== undefined) {
    const opened = lines.findIndex((line) => line.split(quote).length % 2 === 0);
    return opened === -1 ? at.line : opened + 1;
  }
  // A line indented below a value is read as part of that value: `a: b` and then `  c: d`.
  const before = lines[at.line - 1] ?? '';
  const tooDeep = error.code === 'BLOCK_AS_IMPLICIT_KEY' && (before.match(/:(?=\s|$)/g) ?? []).length === 1;
  return tooDeep ? at.line + 1 : at.line;
}

type Explanation = { readonly what: Bilingual; readonly hint: Bilingual };

const quotes: Bilingual = { ja: '値を引用符 " で囲んでください', en: 'put the value in quotes' };
const spaces: Bilingual = { ja: '字下げは半角スペースでそろえてください', en: 'line it up with spaces' };

const explanations: Partial<Record<ErrorCode, Explanation>> = {
  TAB_AS_INDENT: {
    what: { ja: '字下げにタブが使われています', en: 'a tab is used for indentation' },
    hint: { ja: '半角スペースに替えてください', en: 'use spaces' },
  },
  BAD_INDENT: {
    what: {
      ja: '字下げがそろっていないか、閉じていないかっこがあります',
      en: 'the indentation is uneven or a bracket is not closed',
    },
    hint: spaces,
  },
  BLOCK_AS_IMPLICIT_KEY: {
    what: {
      ja: '1 行に「:」が二つあるか、字下げが深すぎます',
      en: 'a line has two “:” or is indented too far',
    },
    hint: {
      ja: '字下げを直すか、値を引用符で囲んでください',
      en: 'mend the indentation or put the value in quotes',
    },
  },
  MULTILINE_IMPLICIT_KEY: {
    what: { ja: 'キーのあとに「:」がありません', en: 'a key has no “:” after it' },
    hint: { ja: '「キー: 値」の形で書いてください', en: 'write “key: value”' },
  },
  BAD_SCALAR_START: {
    what: {
      ja: '引用符なしでは始められない文字です',
      en: 'a value starts with a character that needs quotes',
    },
    hint: quotes,
  },
  BAD_DQ_ESCAPE: {
    what: { ja: '"…" の中の \\ の使い方が違います', en: 'a wrong \\ escape inside "…"' },
    hint: { ja: "' で囲むか \\\\ と書いてください", en: "use '…' or write \\\\" },
  },
  MISSING_CHAR: {
    what: {
      ja: '引用符かかっこが閉じていない、または「:」や「,」が足りません',
      en: 'a quote or bracket is not closed, or a “:” or “,” is missing',
    },
    hint: { ja: 'この行とその前の行を確かめてください', en: 'check this line and the one before' },
  },
  MULTIPLE_DOCS: {
    what: { ja: '「---」で区切られた文書が二つ以上あります', en: 'it holds more than one document (“---”)' },
    hint: { ja: '一つにまとめてください', en: 'make it one' },
  },
  TAG_RESOLVE_FAILED: {
    what: { ja: 'タグ（!…）は使えません', en: 'tags (!…) are not supported' },
    hint: quotes,
  },
  RESOURCE_EXHAUSTION: {
    what: { ja: '入れ子が深すぎます', en: 'it is nested too deeply' },
    hint: { ja: '設定の構造を確かめてください', en: 'check its structure' },
  },
};

const otherwise: Explanation = {
  what: { ja: '書き方の誤りがあります', en: 'there is a slip in how it is written' },
  hint: { ja: 'この行とその前の行を確かめてください', en: 'check this line and the one before' },
};

function explain(code: ErrorCode, line: string): Explanation {
  // `listen: [::1]:53` is the start of a list to YAML; `domain: *` the use of an anchor.
  if (/\[[0-9a-fA-F:.]+\](:\d+)?/.test(line)) {
    const what = {
      ja: '「[」で始まる値は YAML ではリストになります',
      en: 'a value that starts with “[” is a list in YAML',
    };
    return { what, hint: quotes };
  }
  if (code === 'BAD_ALIAS') {
    const what = { ja: '「*」は引用符なしでは書けません', en: '“*” needs quotes' };
    return { what, hint: { ja: '"*" と書いてください', en: 'write "*"' } };
  }
  return explanations[code] ?? otherwise;
}
