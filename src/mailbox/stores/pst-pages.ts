import { crc32 } from 'node:zlib';
import type { StoreFile } from './store-file.ts';

export type PageForm = 'ansi' | 'unicode' | 'unicode-4k';

export type PageWalk = {
  readonly form: PageForm;
  /** Places of the roots: nodes first, then blocks. */
  readonly roots: readonly number[];
  readonly mostPages: number;
};

type Layout = {
  readonly page: number;
  /** Where the trailer begins; the checksum covers everything before. */
  readonly trailer: number;
  readonly crcInTrailer: number;
  /** Where cEnt, cEntMax, cbEnt and cLevel stand. */
  readonly counts: number;
  readonly pointerAt: number;
};

// [MS-PST] §2.2.2.7.1 (PAGETRAILER) and §2.2.2.7.7.1 (BTPAGE).
const layouts: { readonly [Form in Exclude<PageForm, 'unicode-4k'>]: Layout } = {
  ansi: { page: 512, trailer: 500, crcInTrailer: 8, counts: 496, pointerAt: 8 },
  unicode: { page: 512, trailer: 496, crcInTrailer: 4, counts: 488, pointerAt: 16 },
};

// [MS-PST] §2.2.2.7.1, ptype: block tree 0x80, node tree 0x81.
const pageTypes = [0x81, 0x80];
// A tree of 2^63 blocks at 15 to a page has fewer levels; each level must be one below its parent's, so no walk goes round.
const mostLevels = 16;

/** Follows both trees from their roots, page by page, until a checksum is wrong or `mostPages` were looked at. */
export async function walkPages(
  file: StoreFile,
  { form, roots, mostPages }: PageWalk,
): Promise<{ readonly isWhole: boolean; readonly pages: number }> {
  // [MS-PST] describes no pages of 4 KiB: whether they are inside the file is all that is sure.
  if (form === 'unicode-4k')
    return { isWhole: roots.every((at) => at > 0 && at + 4_096 <= file.size), pages: 0 };
  const layout = layouts[form];
  let pages = 0;
  for (const [index, root] of roots.entries()) {
    const type = pageTypes[index] ?? 0;
    const waiting: { readonly at: number; readonly level: number | null }[] = [{ at: root, level: null }];
    for (let next = waiting.pop(); next !== undefined && pages < mostPages; next = waiting.pop()) {
      const page = await file.read(next.at, layout.page);
      pages += 1;
      const below = childrenOf(page, layout, type);
      if (below === null || (next.level !== null && below.level !== next.level))
        return { isWhole: false, pages };
      for (const at of below.children) waiting.push({ at, level: below.level - 1 });
    }
  }
  return { isWhole: true, pages };
}

/** null: the page is not what it should be. A leaf has no children. */
function childrenOf(
  page: Buffer,
  layout: Layout,
  type: number,
): { readonly level: number; readonly children: readonly number[] } | null {
  const { trailer, counts, crcInTrailer, pointerAt } = layout;
  if (page.length < layout.page || page[trailer] !== type || page[trailer + 1] !== type) return null;
  const checksum = ~crc32(page.subarray(0, trailer), 0xffffffff) >>> 0;
  if (checksum !== page.readUInt32LE(trailer + crcInTrailer)) return null;
  const [count = 0, most = 0, octets = 0, level = 0] = page.subarray(counts, counts + 4);
  if (count > most || count * octets > counts || level > mostLevels) return null;
  if (level === 0) return { level, children: [] };
  const children: number[] = [];
  for (let entry = 0; entry < count; entry += 1) {
    const at = entry * octets + pointerAt;
    // An entry of an index page: btkey, then BREF (bid, ib); §2.2.2.7.7.2.
    if (at + 8 > counts) return null;
    children.push(pointerAt === 16 ? Number(page.readBigUInt64LE(at)) : page.readUInt32LE(at));
  }
  return { level, children };
}
