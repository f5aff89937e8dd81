import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder that holds package.json. */
export const root: string = path.resolve(import.meta.dirname, '../..');

/** Path from the root → text, of all files that the patterns find. */
export function readTree(...patterns: readonly string[]): ReadonlyMap<string, string> {
  const files = globSync(patterns, { cwd: root }).toSorted();
  return new Map(
    files.map((file) => [file.split(path.sep).join('/'), readFileSync(path.join(root, file), 'utf8')]),
  );
}

/** Number of lines of a text that ends in a line feed. */
export function lineCount(text: string): number {
  return text.split('\n').length - 1;
}
