import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pstChecksum } from '../../src/mailbox/stores/pst.ts';

/** An empty Outlook Express folder, or one with an index node of `entries`. */
export function dbxFile(entries = 3): Buffer {
  const nodeAt = 0x24bc;
  const file = Buffer.alloc(nodeAt + 0x27c);
  file.set(Buffer.from('cfad12fec5fd746f66e3d1119a4e00c04fa309d4', 'hex'));
  file.writeUInt32LE(file.length, 0x7c);
  file.writeUInt32LE(entries, 0xc4);
  file.writeUInt32LE(nodeAt, 0xe4);
  file.writeUInt32LE(nodeAt, nodeAt);
  file.writeUInt8(entries, nodeAt + 0x11);
  return file;
}

export type PstSetting = {
  readonly form?: 'ansi' | 'unicode';
  readonly isOst?: boolean;
  readonly isLeftOpen?: boolean;
  /** Of the block tree below its root. */
  readonly leaves?: number;
};

/** Header and both trees by [MS-PST] §2.2.2: a root that is a leaf for nodes, one level more for blocks. */
export function pstFile({
  form = 'unicode',
  isOst = false,
  isLeftOpen = false,
  leaves = 3,
}: PstSetting = {}): Buffer {
  const wide = form === 'unicode';
  const first = 1_024;
  const file = Buffer.alloc(first + 512 * (2 + leaves));
  const number = (value: number, at: number): number =>
    wide ? file.writeBigUInt64LE(BigInt(value), at) : file.writeUInt32LE(value, at);
  const step = wide ? 8 : 4;
  const root = wide ? 180 : 164;
  file.write('!BDN', 0, 'latin1');
  file.write(isOst ? 'SO' : 'SM', 8, 'latin1');
  file.writeUInt16LE(wide ? 23 : 14, 10);
  file.writeUInt16LE(19, 12);
  number(file.length, root + 4);
  number(first, root + 4 + step * 5);
  number(first + 512, root + 4 + step * 7);
  file.writeUInt8(isLeftOpen ? 0 : 2, root + 4 + step * 8);
  file.writeUInt8(0x80, wide ? 512 : 460);
  page(file, { at: first, wide, type: 0x81, children: [] });
  const children = Array.from({ length: leaves }, (_, index) => first + 512 * (2 + index));
  page(file, { at: first + 512, wide, type: 0x80, children });
  for (const at of children) page(file, { at, wide, type: 0x80, children: [] });
  file.writeUInt32LE(pstChecksum(file.subarray(8, 479)), 4);
  if (wide) file.writeUInt32LE(pstChecksum(file.subarray(8, 524)), 524);
  return file;
}

type Page = {
  readonly at: number;
  readonly wide: boolean;
  readonly type: number;
  readonly children: readonly number[];
};

function page(file: Buffer, { at, wide, type, children }: Page): void {
  const [counts, trailer, octets] = wide ? [488, 496, 24] : [496, 500, 12];
  for (const [index, child] of children.entries()) {
    const place = at + index * octets + (wide ? 16 : 8);
    if (wide) file.writeBigUInt64LE(BigInt(child), place);
    else file.writeUInt32LE(child, place);
  }
  file.set([children.length, 20, octets, children.length > 0 ? 1 : 0], at + counts);
  file.set([type, type], at + trailer);
  const crc = pstChecksum(file.subarray(at, at + trailer));
  file.writeUInt32LE(crc, at + trailer + (wide ? 4 : 8));
}

export type MadeMail = { readonly year: number; readonly body?: string; readonly status?: string };

/** One message as it lies in an mbox, the empty line behind it included. */
export function mboxMail(index: number, { year, body = 'body', status }: MadeMail): string {
  return [
    `From sender${index}@example.jp Tue Mar  5 10:00:00 ${year}`,
    `Message-ID: <${index}@example.jp>`,
    `Date: Tue, 05 Mar ${year} 10:00:00 +0900`,
    ...(status === undefined ? [] : [`X-Mozilla-Status: ${status}`]),
    `Subject: ${index}`,
    '',
    body,
    '',
    '',
  ].join('\n');
}

export function mboxOf(mails: readonly MadeMail[]): string {
  return mails.map((mail, index) => mboxMail(index, mail)).join('');
}

export function mailText(index: number, year: number, body = 'body'): string {
  return `Message-ID: <${index}@example.jp>\r\nDate: Tue, 05 Mar ${year} 10:00:00 +0900\r\nSubject: ${index}\r\n\r\n${body}\r\n`;
}

/** A Maildir with a mail for each year in cur/. */
export function makeMaildir(folder: string, years: readonly number[]): void {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(folder, part), { recursive: true });
  for (const [index, year] of years.entries())
    writeFileSync(join(folder, 'cur', `1700000000.M${index}.host:2,S`), mailText(index, year));
}

export function emlxFile(body = 'Subject: x\n\nbody\n'): string {
  return `${String(body.length).padEnd(10)}\n${body}<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict/></plist>\n`;
}
