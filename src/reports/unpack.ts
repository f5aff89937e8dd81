import { Gunzip, Unzip, UnzipInflate } from 'fflate';
import type { UnzipFile } from 'fflate';
import { reportLimits } from './report-limits.ts';
import type { ReportFault } from './report-fault.ts';

export type Unpacked =
  | {
      readonly ok: true;
      readonly files: readonly Uint8Array[];
      /** Something is missing or wrong in it. */
      readonly damaged: boolean;
    }
  | { readonly ok: false; readonly fault: ReportFault };

/** RFC 1952 §2.3.1. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** A local file header at the very start (APPNOTE.TXT §4.3.7). */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/** Octets that an archive of this size may unpack to. */
export function mostUnpackedBytes(packedBytes: number): number {
  const byRatio = packedBytes * reportLimits.unpackedRatio;
  return Math.min(reportLimits.textBytes, Math.max(reportLimits.unpackedFreeBytes, byRatio));
}

// fflate calls itself once for each entry that begins in a chunk, and one octet in unpacks to 1,032 at most: with 4 KiB
// neither the stack nor 4 MiB are passed before the count is looked at.
const chunkBytes = 4_096;

/**
 * What it holds; of a truncated or damaged one what comes before. By fflate, not node:zlib: that keeps nothing of a damaged
 * one, and its handles stay until the event loop turns (160 MB after 10,000 damaged files in a row, measured).
 */
export function unpackGzip(bytes: Uint8Array): Unpacked {
  const taking = startTaking(bytes);
  const chunks: Uint8Array[] = [];
  taking.files.push(chunks);
  const gunzip = new Gunzip((chunk) => take(taking, chunks, chunk));
  push(taking, bytes, (chunk, final) => gunzip.push(chunk, final));
  return unpackedOf(taking);
}

// General purpose bit 0 (APPNOTE.TXT §4.4.4).
const encryptedFlag = 1;

/** Every file in it, in order. Nothing is written anywhere: names of entries do not matter. */
export function unpackZip(bytes: Uint8Array): Unpacked {
  if (((bytes[6] ?? 0) & encryptedFlag) !== 0) return { ok: false, fault: 'encrypted-archive' };
  const taking = startTaking(bytes);
  const unzip = new Unzip((file) => takeFile(taking, file));
  unzip.register(UnzipInflate);
  push(taking, bytes, (chunk, final) => unzip.push(chunk, final));
  return unpackedOf(taking);
}

type Taking = {
  readonly most: number;
  bytes: number;
  entries: number;
  readonly files: Uint8Array[][];
  fault: ReportFault | null;
};

function startTaking(bytes: Uint8Array): Taking {
  return { most: mostUnpackedBytes(bytes.length), bytes: 0, entries: 0, files: [], fault: null };
}

function push(taking: Taking, bytes: Uint8Array, give: (chunk: Uint8Array, final: boolean) => void): void {
  try {
    for (let at = 0; at < bytes.length && taking.fault === null; at += chunkBytes)
      give(bytes.subarray(at, at + chunkBytes), at + chunkBytes >= bytes.length);
  } catch (error) {
    // fflate throws plain Errors for what it cannot read; what came before is kept.
    if (!(error instanceof Error)) throw error;
    taking.fault ??= 'broken-archive';
  }
}

function take(taking: Taking, chunks: Uint8Array[], chunk: Uint8Array): void {
  taking.bytes += chunk.length;
  if (taking.bytes > taking.most) taking.fault ??= 'bomb';
  // fflate goes on in its own buffer.
  else chunks.push(chunk.slice());
}

function takeFile(taking: Taking, file: UnzipFile): void {
  taking.entries += 1;
  if (taking.entries > reportLimits.archiveEntries) taking.fault ??= 'bomb';
  if (taking.fault !== null) return;
  const chunks: Uint8Array[] = [];
  taking.files.push(chunks);
  file.ondata = (error, chunk) => {
    if (error !== null) taking.fault ??= 'broken-archive';
    else if (taking.fault === null) take(taking, chunks, chunk);
  };
  file.start();
}

function unpackedOf({ fault, files }: Taking): Unpacked {
  const whole = files.map((chunks) => Buffer.concat(chunks)).filter((file) => file.length > 0);
  if (fault !== null && (fault !== 'broken-archive' || whole.length === 0)) return { ok: false, fault };
  return { ok: true, files: whole, damaged: fault !== null };
}
