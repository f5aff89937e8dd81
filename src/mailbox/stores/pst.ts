import { crc32 } from 'node:zlib';
import type { StoreFile } from './store-file.ts';
import { walkPages } from './pst-pages.ts';
import type { PageForm } from './pst-pages.ts';

export type PstDamage = 'header' | 'cut' | 'tree';

export type PstReading = {
  readonly form: 'pst-ansi' | 'pst-unicode' | null;
  /** [MS-PST] §2.2.2.6, wMagicClient: an OST is a copy of what is on a server. */
  readonly isCopyOfServer: boolean;
  readonly damage: PstDamage | null;
  /** [MS-PST] §2.2.2.5, fAMapValid 0: the allocation maps were left half written. */
  readonly wasLeftOpen: boolean;
  /** Pages of both trees whose checksum was looked at. */
  readonly pages: number;
};

type Places = {
  readonly root: number;
  readonly wide: boolean;
  readonly sentinel: number;
};

// [MS-PST] §2.2.2.6: where ROOT and bSentinel lie in the two forms of the header.
const ansi: Places = { root: 164, wide: false, sentinel: 460 };
const unicode: Places = { root: 180, wide: true, sentinel: 512 };

const headerOctets = 564;
const ansiHeaderOctets = 512;
// dwCRCPartial covers 471 octets from wMagicClient on, dwCRCFull (Unicode only) 516.
const crcFrom = 8;
const partialOctets = 471;
const fullOctets = 516;
const fullCrcAt = 524;

export function isPst(head: Buffer): boolean {
  return head.subarray(0, 4).toString('latin1') === '!BDN';
}

/** Header with its checksums, length of the file, and the pages of both trees as far as `mostPages`. */
export async function readPst(file: StoreFile, mostPages: number): Promise<PstReading> {
  const head = await file.read(0, headerOctets);
  const nothing = { form: null, isCopyOfServer: false, wasLeftOpen: false, pages: 0 } as const;
  if (!isPst(head) || head.length < ansiHeaderOctets) return { ...nothing, damage: 'header' };
  const client = head.subarray(8, 10).toString('latin1');
  const version = head.readUInt16LE(10);
  const form = formOf(version);
  const known = { ...nothing, form, isCopyOfServer: client === 'SO' };
  if (form === null || (client !== 'SM' && client !== 'SO')) return { ...known, damage: 'header' };
  const places = form === 'pst-ansi' ? ansi : unicode;
  if (!isHeaderWhole(head, places)) return { ...known, damage: 'header' };

  const { root } = places;
  const number = (at: number): number =>
    places.wide ? Number(head.readBigUInt64LE(at)) : head.readUInt32LE(at);
  const step = places.wide ? 8 : 4;
  // [MS-PST] §2.2.2.5: dwReserved, ibFileEof, ibAMapLast, cbAMapFree, cbPMapFree, BREFNBT, BREFBBT, fAMapValid.
  const wasLeftOpen = head.readUInt8(root + 4 + step * 8) === 0;
  if (number(root + 4) > file.size) return { ...known, damage: 'cut', wasLeftOpen };
  const pageForm: PageForm = version >= 36 ? 'unicode-4k' : places.wide ? 'unicode' : 'ansi';
  const roots = [number(root + 4 + step * 5), number(root + 4 + step * 7)];
  const walked = await walkPages(file, { form: pageForm, roots, mostPages });
  return { ...known, damage: walked.isWhole ? null : 'tree', wasLeftOpen, pages: walked.pages };
}

/** [MS-PST] §2.2.2.6, wVer: 14 and 15 ANSI, 23 Unicode; Outlook 2013 and later write OSTs with 36 and pages of 4 KiB. */
function formOf(version: number): PstReading['form'] {
  if (version === 14 || version === 15) return 'pst-ansi';
  return version >= 23 && version <= 36 ? 'pst-unicode' : null;
}

function isHeaderWhole(head: Buffer, { wide, sentinel }: Places): boolean {
  if (head.readUInt8(sentinel) !== 0x80) return false;
  const partial = pstChecksum(head.subarray(crcFrom, crcFrom + partialOctets));
  if (partial !== head.readUInt32LE(4)) return false;
  if (!wide) return true;
  if (head.length < headerOctets) return false;
  return pstChecksum(head.subarray(crcFrom, crcFrom + fullOctets)) === head.readUInt32LE(fullCrcAt);
}

/** [MS-PST] §5.3: the CRC-32 of zip files, but begun with 0 and not turned over at the end. */
export function pstChecksum(octets: Buffer): number {
  return ~crc32(octets, 0xffffffff) >>> 0;
}
