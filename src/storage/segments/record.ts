import { crc32 } from 'node:zlib';

/** Where a record lies. `octets` counts what was stored, without the record's own head. */
export type RecordPlace = { readonly segment: number; readonly offset: number; readonly octets: number };

// Before the octets: how many they are, and their CRC-32 (that of zlib), both little-endian. A torn write shows in either.
export const headOctets = 8;

/** The head that goes before `body`. */
export function headOf(body: Buffer): Buffer {
  const head = Buffer.allocUnsafe(headOctets);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(crc32(body), 4);
  return head;
}

/** true when the head says what stands behind it. */
export function isWhole(head: Buffer, body: Buffer): boolean {
  return head.readUInt32LE(0) === body.length && head.readUInt32LE(4) === crc32(body);
}

/** `bodies/000042.seg` */
export function segmentFile(number: number): string {
  return `${String(number).padStart(6, '0')}.seg`;
}

/** null for a file that is no segment. */
export function segmentNumber(file: string): number | null {
  const match = /^(\d{6,15})\.seg$/.exec(file);
  return match === null ? null : Number(match[1]);
}
