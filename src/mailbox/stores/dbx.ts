import type { StoreFile } from './store-file.ts';

// The form as https://www.infobyte.hr/oedbx/doc/OE_Dbx_FileHeader.html has it; Microsoft published none.
const headerOctets = 0x24bc;
const magic = Buffer.from('cfad12fe', 'hex');
const kinds: Readonly<Record<string, DbxKind>> = {
  c5fd746f: 'messages',
  c6fd746f: 'folders',
  c7fd746f: 'pop3uidl',
  '309dfe26': 'offline',
};
const usedAt = 0x7c;
const countAt = 0xc4;
const messageTreeAt = 0xe4;
const folderTreeAt = 0xec;
const treeNodeOctets = 0x27c;
// 51 entries of 12 octets fit into a node.
const mostEntries = 51;

export type DbxKind = 'messages' | 'folders' | 'pop3uidl' | 'offline';
export type DbxDamage = 'header' | 'kind' | 'cut' | 'index';

export type DbxReading = {
  readonly kind: DbxKind | null;
  /** As the header counts them; null: no list in this kind, or damaged. */
  readonly entries: number | null;
  readonly damage: DbxDamage | null;
};

export function isDbx(head: Buffer): boolean {
  return head.subarray(0, 4).equals(magic);
}

/** Header and root of the index; the messages themselves are not followed. */
export async function readDbx(file: StoreFile): Promise<DbxReading> {
  const head = await file.read(0, headerOctets);
  const broken = (damage: DbxDamage, kind: DbxKind | null = null): DbxReading => ({
    kind,
    entries: null,
    damage,
  });
  if (!isDbx(head)) return broken('header');
  const kind = kinds[head.subarray(4, 8).toString('hex')] ?? null;
  if (kind === null) return broken('kind');
  if (head.length < headerOctets) return broken('cut', kind);
  if (head.readUInt32LE(usedAt) > file.size) return broken('cut', kind);
  if (kind !== 'messages' && kind !== 'folders') return { kind, entries: null, damage: null };
  const entries = head.readUInt32LE(countAt);
  const root = head.readUInt32LE(kind === 'messages' ? messageTreeAt : folderTreeAt);
  if (root === 0) return entries === 0 ? { kind, entries, damage: null } : broken('index', kind);
  const isWhole = await hasTreeNode(file, root);
  return isWhole ? { kind, entries, damage: null } : broken('index', kind);
}

/** A node begins with its own place in the file, and counts its entries. */
async function hasTreeNode(file: StoreFile, position: number): Promise<boolean> {
  const node = await file.read(position, treeNodeOctets);
  if (node.length < treeNodeOctets || node.readUInt32LE(0) !== position) return false;
  return node.readUInt8(0x11) <= mostEntries;
}
