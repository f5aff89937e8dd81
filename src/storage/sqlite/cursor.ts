import { AppError } from '../../base/index.ts';

/** A place in a list as text that goes out to strangers, and comes back from them. */
export function cursorText(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The values of a cursor, each of that type; throws the `AppError` for one that was never given out. */
export function readCursorText(cursor: string, type: 'string'): readonly string[];
export function readCursorText(cursor: string, type: 'number'): readonly number[];
export function readCursorText(cursor: string, type: 'string' | 'number'): readonly unknown[] {
  const parsed = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (Array.isArray(parsed)) {
    const values: readonly unknown[] = parsed;
    if (values.length > 0 && values.every((value) => typeof value === type)) return values;
  }
  throw new AppError({
    code: 'bad-cursor',
    message: { ja: 'カーソルが正しくありません', en: 'the cursor is not one that was given out' },
    hint: { ja: '最初のページから読み直してください', en: 'start again with the first page' },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
