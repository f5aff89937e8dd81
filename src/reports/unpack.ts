import { constants, gunzipSync } from 'node:zlib';
import { Unzip, UnzipInflate } from 'fflate';
import type { UnzipFile } from 'fflate';
import { reportLimits } from './report-limits.ts';
import type { ReportFault } from './report-fault.ts';

export type Unpacked =
  | { readonly ok: true; readonly files: readonly Uint8Array[] }
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

/** One member; a truncated one gives what is there. */
export function unpackGzip(bytes: Uint8Array): Unpacked {
  try {
    const file = gunzipSync(bytes, {
      maxOutputLength: mostUnpackedBytes(bytes.length),
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return { ok: true, files: [file] };
  } catch (error) {
    return { ok: false, fault: gzipFault(error) };
  }
}

function gzipFault(error: unknown): ReportFault {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return error.code === 'ERR_BUFFER_TOO_LARGE' ? 'bomb' : 'broken-archive';
}

// fflate calls itself once for each entry that begins in a chunk, and one octet in unpacks to 1,032 at most: with 4 KiB
// neither the stack nor 4 MiB are passed before the count below is looked at.
const chunkBytes = 4_096;
// General purpose bit 0 (APPNOTE.TXT §4.4.4).
const encryptedFlag = 1;

/** Every file in it, in order. Nothing is written anywhere: names of entries do not matter. */
export function unpackZip(bytes: Uint8Array): Unpacked {
  if (((bytes[6] ?? 0) & encryptedFlag) !== 0) return { ok: false, fault: 'encrypted-archive' };
  const taking: Taking = {
    most: mostUnpackedBytes(bytes.length),
    bytes: 0,
    entries: 0,
    files: [],
    fault: null,
  };
  const unzip = new Unzip((file) => takeFile(taking, file));
  unzip.register(UnzipInflate);
  try {
    for (let at = 0; at < bytes.length && taking.fault === null; at += chunkBytes)
      unzip.push(bytes.subarray(at, at + chunkBytes), at + chunkBytes >= bytes.length);
  } catch (error) {
    // fflate throws plain Errors for what it cannot read; what came before is kept.
    if (!(error instanceof Error)) throw error;
    taking.fault ??= 'broken-archive';
  }
  const files = taking.files.map((chunks) => Buffer.concat(chunks)).filter((file) => file.length > 0);
  if (taking.fault !== null && (taking.fault !== 'broken-archive' || files.length === 0))
    return { ok: false, fault: taking.fault };
  return { ok: true, files };
}

type Taking = {
  readonly most: number;
  bytes: number;
  entries: number;
  readonly files: Uint8Array[][];
  fault: ReportFault | null;
};

function takeFile(taking: Taking, file: UnzipFile): void {
  taking.entries += 1;
  if (taking.entries > reportLimits.archiveEntries) taking.fault ??= 'bomb';
  if (taking.fault !== null) return;
  const chunks: Uint8Array[] = [];
  taking.files.push(chunks);
  file.ondata = (error, chunk) => {
    if (error !== null) taking.fault ??= 'broken-archive';
    if (error !== null || taking.fault !== null) return;
    taking.bytes += chunk.length;
    if (taking.bytes > taking.most) taking.fault = 'bomb';
    // fflate goes on in its own buffer.
    else chunks.push(chunk.slice());
  };
  file.start();
}
