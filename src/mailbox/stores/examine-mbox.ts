import { lstat, stat } from 'node:fs/promises';
import type { Finding } from '../../findings/index.ts';
import { grouped, limitFindings, orGood } from './examine-parts.ts';
import type { ExamineParts } from './examine-parts.ts';
import { fileSizeText } from './file-size-text.ts';
import { scanMbox } from './mbox-scan.ts';
import type { MboxFault, MboxFaultKind } from './mbox-scan.ts';
import type { StoreFile } from './store-file.ts';

/** What a walk over an mbox counts; places of damage up to a bound, their number in full. */
type Count = {
  messages: number;
  expungedOctets: number;
  expunged: number;
  damaged: number;
  readonly places: MboxFault[];
  cutAt: number | null;
};

const mostPlaces = 20;
// X-Mozilla-Status (Thunderbird's nsMsgMessageFlags): 0008 was deleted and still lies in the file.
const mozillaStatus = /^X-Mozilla-Status:[ \t]*([0-9a-f]{4})/im;
const expungedBit = 0x0008;
// A fifth of the file, and more than a few mails: then compacting is worth it.
const wastedShare = 0.2;
const wastedOctets = 20_000_000;
// Programs take their lock for seconds (RFC 4155 names none; procmail's lockfile(1) breaks one of 17 minutes).
const oldLockMs = 20 * 60_000;
// Copied profiles keep times to the second or two (FAT).
const clockGrainMs = 5_000;

const words: { readonly [Kind in MboxFaultKind]: string } = {
  'no-separator': 'no From_ line at the beginning',
  'run-on': 'no empty line before the From_ line',
  'no-header': 'no header after the From_ line',
  'nul-octets': 'NUL octets',
  cut: 'ends within a line',
};

export async function examineMbox(
  path: string,
  file: StoreFile,
  parts: ExamineParts,
): Promise<readonly Finding[]> {
  const count = await countMbox(path, file, parts);
  const size = { octets: file.size, messages: count.messages };
  const found: Finding[] = [...limitFindings(path, 'mbox', { size, parts })];
  if (count.damaged > 0)
    found.push(
      parts.finding('store.mbox-damaged', {
        subject: path,
        evidence: placesText(count),
        values: { count: grouped(count.damaged) },
      }),
    );
  if (count.cutAt !== null)
    found.push(parts.finding('store.mbox-cut', { subject: path, evidence: `byte ${count.cutAt}` }));
  if (count.expungedOctets >= wastedOctets && count.expungedOctets >= file.size * wastedShare)
    found.push(
      parts.finding('store.not-compacted', {
        subject: path,
        evidence: `${grouped(count.expunged)} deleted messages, ${fileSizeText(count.expungedOctets)} of ${fileSizeText(file.size)}`,
        values: { wasted: fileSizeText(count.expungedOctets) },
      }),
    );
  found.push(...(await besideFindings(path, parts)));
  return orGood(path, 'mbox', { size, parts, found });
}

async function countMbox(path: string, file: StoreFile, parts: ExamineParts): Promise<Count> {
  const count: Count = { messages: 0, expungedOctets: 0, expunged: 0, damaged: 0, places: [], cutAt: null };
  const scan = {
    ...(parts.signal === undefined ? {} : { signal: parts.signal }),
    onProgress: (octets: number) => parts.onProgress?.(path, octets, file.size),
  };
  for await (const message of scanMbox(file, scan)) {
    if (message.separator !== '') count.messages += 1;
    const status = mozillaStatus.exec(message.head.toString('latin1'))?.[1];
    if (status !== undefined && (Number.parseInt(status, 16) & expungedBit) !== 0) {
      count.expunged += 1;
      count.expungedOctets += message.end - message.start;
    }
    for (const fault of message.faults) {
      if (fault.kind === 'cut') {
        count.cutAt = fault.at;
        continue;
      }
      count.damaged += 1;
      if (count.places.length < mostPlaces) count.places.push(fault);
    }
  }
  return count;
}

function placesText({ places, damaged }: Count): string {
  const lines = places.map(({ kind, at }) => `byte ${at}: ${words[kind]}`);
  return [...lines, ...(damaged > places.length ? [`and ${damaged - places.length} more`] : [])].join('\n');
}

/** What lies beside the file: Thunderbird's index, and a lock that nobody took away. */
async function besideFindings(path: string, parts: ExamineParts): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const mbox = await stat(path);
  const index = await timeOf(`${path}.msf`);
  if (index !== null && index + clockGrainMs < mbox.mtimeMs)
    found.push(
      parts.finding('store.index-older', {
        subject: path,
        evidence: `${path}.msf: ${new Date(index).toISOString()}; mbox: ${mbox.mtime.toISOString()}`,
      }),
    );
  const lock = await timeOf(`${path}.lock`);
  if (lock !== null && parts.nowMs - lock > oldLockMs)
    found.push(
      parts.finding('store.old-lock', {
        subject: path,
        evidence: `${path}.lock since ${new Date(lock).toISOString()}`,
      }),
    );
  return found;
}

async function timeOf(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
