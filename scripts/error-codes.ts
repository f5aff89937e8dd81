import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One `new AppError({ code: '…', message: { ja, en } })` in the sources, or a StorageFull, which is one. */
export type ErrorSite = {
  readonly code: string;
  readonly file: string;
  readonly en: string;
  readonly ja: string;
};

export type ErrorScan = {
  readonly sites: readonly ErrorSite[];
  /** `file:line` of each AppError whose code is not written out, so that it cannot be listed. */
  readonly unlisted: readonly string[];
};

/** Finds every AppError that the sources make. One that passes on another's `code` is no code of its own. */
export function scanErrorCodes(root: string): ErrorScan {
  const sites: ErrorSite[] = [];
  const unlisted: string[] = [];
  const folder = join(root, 'src');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  for (const name of names) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const file = join(folder, name);
    const source = readFileSync(file, 'utf8');
    for (const match of source.matchAll(/new (?:AppError|StorageFull)\(/g)) {
      const facts = callText(source, match.index + match[0].length);
      const found = sitesOf(facts, relative(root, file));
      sites.push(...found);
      if (found.length === 0 && !/\bcode: [\w.]+\.code\b/.test(facts)) {
        const line = source.slice(0, match.index).split('\n').length;
        unlisted.push(`${relative(root, file)}:${line}`);
      }
    }
  }
  return { sites, unlisted };
}

/** `code: 'a'`, or both of `code: question ? 'a' : 'b'`. */
function sitesOf(facts: string, file: string): ErrorSite[] {
  const written = /\bcode:\s*(?:[^,'?]*(?:'[^']*')?[^,'?]*\?\s*'([a-z0-9-]+)'\s*:\s*)?'([a-z0-9-]+)'/.exec(
    facts,
  );
  const codes = [written?.[1], written?.[2]].filter((code) => code !== undefined);
  const message = facts.slice(Math.max(0, facts.search(/\bmessage\b/)));
  const [en, ja] = [literalAfter(message, 'en'), literalAfter(message, 'ja')];
  return codes.map((code) => ({ code, file, en, ja }));
}

/** From the opening parenthesis to the one that closes it, strings and templates skipped over. */
function callText(source: string, start: number): string {
  let depth = 1;
  let position = start;
  while (position < source.length && depth > 0) {
    const character = source[position] ?? '';
    if (character === "'" || character === '"' || character === '`')
      position = endOfLiteral(source, position);
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    position++;
  }
  return source.slice(start, position);
}

/** Position of the quote that closes the literal opening at `start`; a template's `${…}` may hold further ones. */
function endOfLiteral(source: string, start: number): number {
  const quote = source[start];
  let position = start + 1;
  while (position < source.length && source[position] !== quote) {
    if (source[position] === '\\') position++;
    else if (quote === '`' && source.startsWith('${', position)) {
      position += 2 + callText(source, position + 2).length - 1;
    }
    position++;
  }
  return position;
}

/** The literal after `en:`, with `${reply.code}` as `‹code›`; empty when the text is made elsewhere. */
function literalAfter(text: string, name: string): string {
  const start = new RegExp(`\\b${name}:\\s*(?=['"\`])`).exec(text);
  if (start === null) return '';
  const open = start.index + start[0].length;
  const literal = text.slice(open + 1, endOfLiteral(text, open));
  return literal
    .replace(/\$\{([^{}]|\{[^{}]*\})*\}/g, (inner) => `‹${/([A-Za-z]+)\W*$/.exec(inner)?.[1] ?? 'value'}›`)
    .replace(/\\(.)/g, '$1');
}

/** docs/errors.md: every code with its messages and where it is made. */
export function errorsPage(sites: readonly ErrorSite[]): string {
  const byCode = Map.groupBy(sites, (site) => site.code);
  const rows = [...byCode.keys()].toSorted().map((code) => {
    const members = byCode.get(code) ?? [];
    const texts = members.map((site) =>
      site.en === '' ? '(made where it is thrown)' : `${cell(site.en)}<br>${cell(site.ja)}`,
    );
    const files = [...new Set(members.map((site) => `\`${site.file}\``))];
    return `| \`${code}\` | ${[...new Set(texts)].join('<br>')} | ${files.join(', ')} |`;
  });
  return [
    '# Errors',
    '',
    '<!-- Written by `npm run generate` from the sources. Do not edit. -->',
    '',
    'What stops a command, as one line on standard error: what happened, then what to do. Exit code 2: the command line or the',
    'configuration is wrong; 1: the answer is “bad”; 70: a fault in Todoku itself.',
    '',
    'コマンドが止まるときに標準エラーへ 1 行で出るものです。終了コード 2 は使い方や設定の誤り、1 は検査の結果が「否」、70 は Todoku の不具合です。',
    '',
    '| code | message | where |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('|', '\\|');
}
