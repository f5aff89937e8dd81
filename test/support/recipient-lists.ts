import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../src/base/index.ts';
import { importRecipients } from '../../src/contacts/index.ts';
import type {
  ImportedRecipient,
  ImportOptions,
  ImportSummary,
  RejectedRow,
} from '../../src/contacts/index.ts';

/** A finished import with everything that the listener was given. */
export type ImportedList = ImportSummary & {
  readonly people: readonly ImportedRecipient[];
  readonly rejects: readonly RejectedRow[];
};

/** Lists written to a temporary folder of their own, and what the import makes of them. */
export type RecipientLists = {
  readonly folder: string;
  /** Writes a list, answers its path. */
  write(content: string | Uint8Array): Promise<string>;
  read(content: string | Uint8Array, options?: ImportOptions): Promise<ImportedList>;
  /** The AppError that the import ends in. */
  failure(path: string): Promise<AppError>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function recipientLists(): Promise<RecipientLists> {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-lists-'));
  let files = 0;

  async function write(content: string | Uint8Array): Promise<string> {
    files += 1;
    const path = join(folder, `${files}.csv`);
    await writeFile(path, content);
    return path;
  }

  return {
    folder,
    write,
    async read(content, options = {}) {
      const people: ImportedRecipient[] = [];
      const rejects: RejectedRow[] = [];
      const path = await write(content);
      const listener = {
        accepted: (batch: readonly ImportedRecipient[]): void => void people.push(...batch),
        rejected: (row: RejectedRow): void => void rejects.push(row),
      };
      const summary = await importRecipients(path, listener, options);
      return { ...summary, people, rejects };
    },
    async failure(path) {
      try {
        await importRecipients(path, { accepted: () => {}, rejected: () => {} });
      } catch (error) {
        if (error instanceof AppError) return error;
        throw error;
      }
      throw new Error('the import succeeded');
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** `line code` of each, for comparing at a glance. */
export function outline(rejects: readonly RejectedRow[]): string[] {
  return rejects.map((row) => `${row.line} ${row.code}`);
}

/** `line address` of each. */
export function addresses(people: readonly ImportedRecipient[]): string[] {
  return people.map((person) => `${person.line} ${person.address}`);
}
