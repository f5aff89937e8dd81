import type { StoreFile } from './store-file.ts';

/** Apple Mail's file of one message: its length in octets on a line, the message, then a property list in XML. */
export type EmlxReading = 'whole' | 'cut' | 'no-length' | 'no-list';

const lengthLine = /^\s{0,4}(\d{1,12})\s{0,20}\n/;

export async function readEmlx(file: StoreFile): Promise<EmlxReading> {
  const first = (await file.read(0, 64)).toString('latin1');
  const match = lengthLine.exec(first);
  if (match === null) return 'no-length';
  const end = match[0].length + Number(match[1]);
  if (end > file.size) return 'cut';
  const after = (await file.read(end, 100)).toString('latin1').trimStart();
  return after.startsWith('<?xml') || after.startsWith('<!DOCTYPE') || after.startsWith('<plist')
    ? 'whole'
    : 'no-list';
}
