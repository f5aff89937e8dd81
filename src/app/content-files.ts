import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { checkSyntax } from '../compose/index.ts';
import type { Content } from '../compose/index.ts';
import { compileMjml } from '../mjml/index.ts';

/** What `todoku send` is given as content. */
export type ContentRequest = {
  readonly from: string;
  readonly replyTo: string | null;
  readonly subject: string;
  readonly template: string;
  readonly text: string | null;
  readonly defaults: Readonly<Record<string, string>>;
  readonly requireTls?: boolean;
};

// Gmail shows the first 102 KB of a mail; a template ten times that is a mistake, a video or the wrong file.
const largestTemplateBytes = 1_048_576;

/** Reads the templates; every way in which a file can be wrong is an AppError that names it. */
export async function readContent(request: ContentRequest): Promise<Content> {
  const main = readTemplate(request.template);
  const isText = request.template.toLowerCase().endsWith('.txt');
  const text = request.text === null ? null : readTemplate(request.text);
  if (request.text !== null && isMjml(request.text)) throw mjmlAsText(request.text);
  return {
    from: request.from,
    replyTo: request.replyTo,
    subject: request.subject,
    html: isText ? null : isMjml(request.template) ? await htmlOf(main) : main,
    text: text ?? (isText ? main : null),
    defaults: request.defaults,
    ...(request.requireTls === true ? { requireTls: true } : {}),
  };
}

function isMjml(path: string): boolean {
  return path.toLowerCase().endsWith('.mjml');
}

/** What is stored of a campaign is the HTML: an MJML of another version makes nothing else of it in the middle. */
async function htmlOf({ name, source }: { name: string; source: string }): Promise<Content['html']> {
  checkSyntax(name, source);
  const { html, places } = await compileMjml(name, source);
  return { name, source: html, places };
}

function mjmlAsText(path: string): AppError {
  const hint = {
    ja: 'MJML は --template に指定してください（テキスト版は自動で作られます）',
    en: 'give MJML as --template; the text part is made from it',
  };
  return fileError(
    path,
    { ja: 'は MJML なのでテキスト版にはなりません', en: 'is MJML, which is no text' },
    hint,
  );
}

function readTemplate(path: string): { name: string; source: string } {
  const bytes = readBytes(path);
  if (bytes.includes(0)) {
    throw fileError(path, { ja: 'はテキストではありません', en: 'is not text' });
  }
  try {
    const source = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (source.trim() === '') throw emptyTemplate(path);
    return { name: basename(path), source };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const facts = { ja: 'は UTF-8 ではありません', en: 'is not UTF-8' };
    throw fileError(path, facts, {
      ja: 'UTF-8 で保存し直してください',
      en: 'save it as UTF-8',
    });
  }
}

function readBytes(path: string): Buffer {
  try {
    const facts = statSync(path);
    if (facts.isDirectory()) {
      throw fileError(path, { ja: 'はフォルダーです', en: 'is a folder' });
    }
    // A pipe without a writer would hold the command for ever, and a device might never end.
    if (!facts.isFile()) {
      throw fileError(path, { ja: 'は通常のファイルではありません', en: 'is not a regular file' });
    }
    if (facts.size > largestTemplateBytes) {
      throw fileError(path, { ja: 'は 1 MB を超えています', en: 'is larger than 1 MB' });
    }
    return readFileSync(path);
  } catch (error) {
    if (error instanceof AppError || !(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
      const hint = { ja: 'パスを確かめてください', en: 'check the path' };
      throw fileError(path, { ja: 'がありません', en: 'does not exist' }, hint);
    }
    const code = String(error.code);
    throw fileError(path, {
      ja: `を読めません（${code}）`,
      en: `cannot be read (${code})`,
    });
  }
}

function emptyTemplate(path: string): AppError {
  const hint = { ja: 'メールの本文を書いてください', en: 'write the body of the mail into it' };
  return fileError(path, { ja: 'は空です', en: 'is empty' }, hint);
}

function fileError(path: string, what: Bilingual, hint?: Bilingual): AppError {
  return new AppError({
    code: 'template-file',
    message: { ja: `テンプレート ${path} ${what.ja}`, en: `template ${path} ${what.en}` },
    ...(hint === undefined ? {} : { hint }),
  });
}
