import type { AppError } from '../base/index.ts';
import { placeAt, placeText } from './raw-value.ts';
import type { RawValue } from './raw-value.ts';

/** Key name → what was written for it, in the file or the environment. */
export type WrittenValues = ReadonlyMap<string, RawValue>;

export type Written = { readonly values: WrittenValues; readonly errors: readonly AppError[] };

/** Where the value under `key` and `path` was written, for messages. */
export function placeOf(
  written: WrittenValues,
  key: string,
  path: readonly (string | number)[] = [],
): string {
  const raw = written.get(key);
  return raw === undefined ? key : placeText(placeAt(raw, path));
}
