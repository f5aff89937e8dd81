import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Finding } from '../../findings/index.ts';
import { examineDbx, examinePst } from './examine-files.ts';
import { examineEmlx, examineMaildir } from './examine-folders.ts';
import { examineMbox } from './examine-mbox.ts';
import type { ExamineParts } from './examine-parts.ts';
import { fileSizeText } from './file-size-text.ts';
import { findStores } from './find-stores.ts';
import type { Store } from './find-stores.ts';
import { withStoreFile } from './store-file.ts';

export type StoreCheckParts = ExamineParts & {
  /** Bytes that are free for us on the disk of a folder; left out: the system's answer. */
  readonly freeBytes?: (folder: string) => Promise<number>;
};

// Below this, mail programs fail to take new mail.
const leastFreeBytes = 1_000_000_000;

/** Every mail store at a path and below it: its size against the limits, and whether it is whole. */
export async function examineStores(path: string, parts: StoreCheckParts): Promise<readonly Finding[]> {
  const { stores, closed, isPartial } = await findStores(path, parts.signal);
  const found: Finding[] = [];
  for (const { path: at, code } of closed) found.push(unreadable(at, code, parts));
  if (stores.length === 0 && closed.length === 0)
    found.push(parts.finding('store.none', { subject: path, evidence: path }));
  let largest = 0;
  for (const store of stores) {
    const { findings, octets } = await examineOne(store, parts);
    found.push(...findings);
    largest = Math.max(largest, octets);
  }
  if (isPartial)
    found.push(parts.finding('store.search-ended', { subject: path, evidence: `${stores.length} stores` }));
  const first = stores[0];
  if (first !== undefined) found.push(...(await roomFindings(first.path, largest, parts)));
  return found;
}

type Examined = { readonly findings: readonly Finding[]; readonly octets: number };

async function examineOne({ kind, path }: Store, parts: ExamineParts): Promise<Examined> {
  try {
    if (kind === 'maildir') return { findings: await examineMaildir(path, parts), octets: 0 };
    if (kind === 'emlx') return { findings: await examineEmlx(path, parts), octets: 0 };
    const examine = { dbx: examineDbx, pst: examinePst, mbox: examineMbox }[kind];
    return await withStoreFile(path, async (file) => ({
      findings: await examine(path, file, parts),
      octets: file.size,
    }));
  } catch (error) {
    // A disk that fails, a file that was taken away: said, and the next store is looked at.
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    return { findings: [unreadable(path, error.code, parts)], octets: 0 };
  }
}

function unreadable(path: string, code: string, parts: ExamineParts): Finding {
  return parts.finding('store.unreadable', { subject: path, evidence: code });
}

/** Compacting, repairing and archiving write a second copy. */
async function roomFindings(
  path: string,
  largest: number,
  parts: StoreCheckParts,
): Promise<readonly Finding[]> {
  const folder = dirname(path);
  const free = await (parts.freeBytes ?? systemFreeBytes)(folder);
  if (free >= Math.max(leastFreeBytes, largest)) return [];
  const values = { free: fileSizeText(free), need: fileSizeText(Math.max(leastFreeBytes, largest)) };
  return [
    parts.finding('store.disk-nearly-full', { subject: folder, evidence: `${free} bytes free`, values }),
  ];
}

export async function systemFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
