import { lstat, open, opendir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDbx } from './dbx.ts';
import { isMbox } from './mbox-scan.ts';
import { isPst } from './pst.ts';

export type StoreKind = 'dbx' | 'pst' | 'mbox' | 'maildir' | 'emlx';

/** A store, by what is in it; an `emlx` store is the folder of the files, or one that was named. */
export type Store = { readonly kind: StoreKind; readonly path: string };

export type StoreSearch = {
  readonly stores: readonly Store[];
  /** Files that could not be opened, with the system's code. */
  readonly closed: readonly { readonly path: string; readonly code: string }[];
  /** Another folder or file was there and not looked at: the bounds were reached. */
  readonly isPartial: boolean;
};

// A profile of twenty years has some thousand folders; more is a whole disk, which is not what was meant.
const mostStores = 5_000;
const mostEntries = 200_000;
const mostLevels = 16;

/** Looks for mail stores at a path and below it, by their content; links are not followed. */
export async function findStores(path: string, signal?: AbortSignal): Promise<StoreSearch> {
  const search = new Search(signal);
  await search.look(path, 0);
  return search.result();
}

class Search {
  readonly #signal: AbortSignal | undefined;
  readonly #stores: Store[] = [];
  readonly #closed: { path: string; code: string }[] = [];
  #entries = 0;
  #isPartial = false;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  result(): StoreSearch {
    return { stores: this.#stores, closed: this.#closed, isPartial: this.#isPartial };
  }

  async look(path: string, level: number): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#entries += 1;
    if (this.#entries > mostEntries || this.#stores.length >= mostStores || level > mostLevels) {
      this.#isPartial = true;
      return;
    }
    try {
      // A link that was named is meant; others lead out of the store, or round.
      const found = await (level === 0 ? stat(path) : lstat(path));
      if (found.isDirectory()) await this.#lookInto(path, level);
      else if (found.isFile()) await this.#sniff(path);
      // Opening a pipe would wait for somebody who writes into it.
      else if (level === 0) this.#closed.push({ path, code: 'no file' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
      // What was named must be there; what disappears below it while we look was not meant.
      if (level === 0 || error.code !== 'ENOENT') this.#closed.push({ path, code: error.code });
    }
  }

  async #lookInto(folder: string, level: number): Promise<void> {
    const folders: string[] = [];
    const files: string[] = [];
    let hasEmlx = false;
    for await (const entry of await opendir(folder)) {
      const { name } = entry;
      if (entry.isDirectory()) folders.push(name);
      else if (name.endsWith('.emlx')) hasEmlx = true;
      else if (entry.isFile() && files.length < mostEntries) files.push(name);
    }
    const isMaildir = folders.includes('cur') || (folders.includes('new') && folders.includes('tmp'));
    if (isMaildir) this.#stores.push({ kind: 'maildir', path: folder });
    if (hasEmlx) this.#stores.push({ kind: 'emlx', path: folder });
    const below = isMaildir ? folders.filter((name) => !['cur', 'new', 'tmp'].includes(name)) : folders;
    for (const name of files.toSorted()) await this.look(join(folder, name), level + 1);
    for (const name of below.toSorted()) await this.look(join(folder, name), level + 1);
  }

  async #sniff(path: string): Promise<void> {
    const kind = kindOf(await headOf(path), basename(path));
    if (kind !== null) this.#stores.push({ kind, path });
  }
}

async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(512);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** By the first octets; where they are damaged, by the name. */
function kindOf(head: Buffer, name: string): StoreKind | null {
  if (isDbx(head) || /\.dbx$/i.test(name)) return 'dbx';
  if (isPst(head) || /\.[po]st$/i.test(name)) return 'pst';
  if (name.endsWith('.emlx')) return 'emlx';
  if (isMbox(head) || /\.mbox$/i.test(name)) return 'mbox';
  return null;
}
