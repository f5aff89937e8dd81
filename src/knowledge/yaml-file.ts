import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { AppError } from '../base/index.ts';

/** One file that was read: its values and a way from a value back to its line. */
export type YamlFile<Value> = {
  readonly path: string;
  readonly value: Value;
  lineOf(path: readonly PropertyKey[]): number;
};

/** Reads and validates one file; stops with file, line and reason (`AppError` `knowledge-invalid`). */
export function readYamlFile<Value>(path: string, schema: z.ZodType<Value>): YamlFile<Value> {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines, logLevel: 'silent' });
  const syntax = document.errors[0];
  if (syntax !== undefined) {
    throw invalidKnowledge(path, lines.linePos(syntax.pos[0]).line, syntax.message.split('\n')[0] ?? '');
  }
  const lineOf = (place: readonly PropertyKey[]): number => nearestLine(document, lines, place);
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { path, value: parsed.data, lineOf };
  const issue = parsed.error.issues[0];
  const place = issue?.path ?? [];
  const extra = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  throw invalidKnowledge(path, lineOf([...place, ...extra]), `${place.join('.')}: ${issue?.message ?? ''}`);
}

/** The error for a file of the knowledge folder whose content cannot be used. */
export function invalidKnowledge(path: string, line: number, reason: string): AppError {
  return new AppError({
    code: 'knowledge-invalid',
    message: {
      ja: `知識ファイル ${path}:${line} に誤りがあります: ${reason}`,
      en: `${path}:${line}: ${reason}`,
    },
    hint: {
      ja: '該当の行を修正してください。書式は knowledge/README.md にあります。',
      en: 'correct that line; knowledge/README.md describes the format.',
    },
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError({
      code: 'knowledge-unreadable',
      message: { ja: `知識ファイル ${path} を読めません。`, en: `cannot read ${path}.` },
      hint: {
        ja: 'フォルダーの場所と読み取り権限を確かめてください。',
        en: 'check the folder and its permissions.',
      },
      cause: error,
    });
  }
}

/** The line of the value at `place`, or of the nearest value around it that exists. */
function nearestLine(document: Document, lines: LineCounter, place: readonly PropertyKey[]): number {
  for (let length = place.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(place.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      const start: unknown = node.range[0];
      if (typeof start === 'number') return lines.linePos(start).line;
    }
  }
  return 1;
}
