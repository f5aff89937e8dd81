import type { Finding } from '../../findings/index.ts';
import { readDbx } from './dbx.ts';
import { limitFindings, orGood } from './examine-parts.ts';
import type { ExamineParts } from './examine-parts.ts';
import { readPst } from './pst.ts';
import type { StoreFile } from './store-file.ts';

// 200 MB of pages: some seconds, and all pages of a file of 30 GB.
const mostPages = 400_000;

export async function examineDbx(
  path: string,
  file: StoreFile,
  parts: ExamineParts,
): Promise<readonly Finding[]> {
  const { kind, entries, damage } = await readDbx(file);
  const size = { octets: file.size, messages: kind === 'messages' ? entries : null };
  const found: Finding[] = [...limitFindings(path, 'dbx', { size, parts })];
  if (damage !== null)
    found.push(
      parts.finding('store.dbx-damaged', {
        subject: path,
        evidence: `${damage}; ${file.size} bytes`,
        values: { whereJa: dbxPlaces[damage].ja, whereEn: dbxPlaces[damage].en },
      }),
    );
  return orGood(path, 'dbx', { size, parts, found });
}

const dbxPlaces = {
  header: { ja: '先頭の目印が違います', en: 'it does not begin as such a file must' },
  kind: { ja: '種類の目印が読めません', en: 'what kind it is cannot be read' },
  cut: { ja: '途中で切れています', en: 'its end is missing' },
  index: { ja: '索引の根が壊れています', en: 'the root of its index is broken' },
} as const;

export async function examinePst(
  path: string,
  file: StoreFile,
  parts: ExamineParts,
): Promise<readonly Finding[]> {
  const read = await readPst(file, mostPages);
  const form = read.form ?? 'pst-unicode';
  const size = { octets: file.size, messages: null };
  const found: Finding[] = [...limitFindings(path, form, { size, parts })];
  if (read.damage !== null)
    found.push(
      parts.finding('store.pst-damaged', {
        subject: path,
        evidence: `${read.damage}; ${read.pages} pages of the index read; ${file.size} bytes`,
        values: {
          whereJa: pstPlaces[read.damage].ja,
          whereEn: pstPlaces[read.damage].en,
          cureJa: read.isCopyOfServer ? cures.ost.ja : cures.pst.ja,
          cureEn: read.isCopyOfServer ? cures.ost.en : cures.pst.en,
        },
      }),
    );
  else if (read.wasLeftOpen)
    found.push(parts.finding('store.pst-left-open', { subject: path, evidence: 'fAMapValid 0' }));
  if (read.form === 'pst-ansi')
    found.push(parts.finding('store.pst-ansi', { subject: path, evidence: 'wVer 14 or 15' }));
  return orGood(path, form, { size, parts, found });
}

const pstPlaces = {
  header: { ja: 'ヘッダーの形か検査値が合いません', en: 'the form or checksum of its header is wrong' },
  cut: { ja: '途中で切れています', en: 'its end is missing' },
  tree: { ja: '索引のページが壊れています', en: 'a page of its index is broken' },
} as const;

const cures = {
  pst: {
    ja: 'コピーを取ってから、受信トレイ修復ツール（SCANPST.EXE）で直してください。',
    en: 'Make a copy of the file, then repair it with the Inbox Repair Tool (SCANPST.EXE).',
  },
  ost: {
    ja: 'Outlook を閉じて OST の名前を変え、開き直してください。サーバーから作り直されます。',
    en: 'Close Outlook, rename the OST and open Outlook again: it is made anew from the server.',
  },
} as const;
