import type { StoreFile } from './store-file.ts';

/** One message of an mbox; places are octets from the start of the file. */
export type MboxMessage = {
  readonly start: number;
  /** Where the next one starts, or the end of the file. */
  readonly end: number;
  /** The `From ` line without its end; empty: there is none. */
  readonly separator: string;
  /** Header without the separator, as far as 16 KiB; of its own, not a view. */
  readonly head: Buffer;
  readonly faults: readonly MboxFault[];
};

/** `no-separator`: octets before the first message. `run-on`: no empty line before it, so the end of the one before is lost. */
export type MboxFaultKind = 'no-separator' | 'run-on' | 'no-header' | 'nul-octets' | 'cut';
export type MboxFault = { readonly kind: MboxFaultKind; readonly at: number };

// RFC 4155, appendix A, as loosely as programs write it: `From `, an address or `-`, a time and a year.
const separator = /^From \S* ?.{0,100}\d{1,2}:\d\d(?::\d\d)?.{0,40}\d{4}\s*$/;
const longestSeparator = 250;
const headOctets = 16 * 1_024;
const windowOctets = 1_024 * 1_024;
// A header field's name (RFC 5322 §2.2), or `>From ` which some delivery agents put first.
const headerLine = /^(?:[!-9;-~]{1,200}[ \t]*:|>From )/;

const needle = Buffer.from('\nFrom ');

export type MboxScan = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (octets: number) => void;
  /** Where to begin: the start of a message. Default 0. */
  readonly from?: number;
};

/**
 * The messages of an mbox, one after the other, in memory of one window whatever the size of the file. The mails are not read line by line:
 * the next separator is searched for as octets (measured: 3 GB in seconds rather than in minutes).
 */
export async function* scanMbox(file: StoreFile, scan: MboxScan = {}): AsyncGenerator<MboxMessage> {
  const begin = scan.from ?? 0;
  let current: Begun | null = null;
  let position = begin;
  // One for all windows: a new one each time made the peak 213 MB instead of 90.
  const buffer = Buffer.allocUnsafe(Math.min(windowOctets + headOctets + 3, file.size - begin + 3));
  while (position < file.size) {
    scan.signal?.throwIfAborted();
    // Three octets before show whether an empty line stands there.
    const back = Math.min(3, position);
    const window = await file.read(position - back, windowOctets + back + headOctets, buffer);
    if (window.length <= back) break;
    const isLast = position - back + window.length >= file.size;
    const limit = isLast ? window.length : back + windowOctets;
    for (const at of separatorsIn(window, { back, limit, isFirst: position === begin })) {
      const start = position - back + at;
      if (current === null && start > begin) current = beforeFirst(window, position);
      if (current !== null) yield finish(current, start);
      current = begun(window, at, start);
    }
    current ??= beforeFirst(window, position);
    noteNul(current, window.subarray(back, limit), position);
    position += limit - back;
    scan.onProgress?.(position);
  }
  if (current !== null) yield finish(current, file.size, await isCut(file));
}

type Begun = {
  readonly start: number;
  readonly separator: string;
  readonly head: Buffer;
  readonly faults: MboxFault[];
};

/** Places in the window at which a message starts. */
function* separatorsIn(
  window: Buffer,
  { back, limit, isFirst }: { readonly back: number; readonly limit: number; readonly isFirst: boolean },
): Generator<number> {
  if (isFirst && window.subarray(back, back + 5).toString('latin1') === 'From ' && isSeparator(window, back))
    yield back;
  // From the line end before the window on: a separator may be the first thing in it.
  let found = window.indexOf(needle, Math.max(0, back - 1));
  while (found >= 0 && found + 1 < limit) {
    if (found + 1 >= back && isSeparator(window, found + 1)) yield found + 1;
    found = window.indexOf(needle, found + 1);
  }
}

function lineAt(window: Buffer, at: number): string {
  const part = window.subarray(at, at + longestSeparator);
  const end = part.indexOf(0x0a);
  return part
    .subarray(0, end < 0 ? part.length : end)
    .toString('latin1')
    .trimEnd();
}

function isSeparator(window: Buffer, at: number): boolean {
  return separator.test(lineAt(window, at));
}

function begun(window: Buffer, at: number, start: number): Begun {
  const faults: MboxFault[] = [];
  if (start > 0 && !hasEmptyLineBefore(window, at)) faults.push({ kind: 'run-on', at: start });
  const lineEnd = window.indexOf(0x0a, at);
  const from = lineEnd < 0 ? window.length : lineEnd + 1;
  const head = headerIn(window.subarray(from, from + headOctets));
  if (!headerLine.test(head.subarray(0, 250).toString('latin1')))
    faults.push({ kind: 'no-header', at: start });
  return { start, separator: lineAt(window, at), head: Buffer.from(head), faults };
}

/** The line before the separator is empty: `\n\n`, or `\r\n` before the last line end. */
function hasEmptyLineBefore(window: Buffer, at: number): boolean {
  const before = window.subarray(Math.max(0, at - 3), at).toString('latin1');
  return before.endsWith('\n\n') || before.endsWith('\n\r\n') || before === '\n' || before === '\r\n';
}

function headerIn(part: Buffer): Buffer {
  const ends = [part.indexOf('\n\n'), part.indexOf('\n\r\n')].filter((end) => end >= 0);
  return part.subarray(0, ends.length === 0 ? part.length : Math.min(...ends) + 1);
}

function beforeFirst(window: Buffer, start: number): Begun {
  return {
    start,
    separator: '',
    head: Buffer.from(headerIn(window.subarray(0, headOctets))),
    faults: [{ kind: 'no-separator', at: start }],
  };
}

/** NUL octets are what a crash or a full disk leaves behind. Noted once a window, at their first place. */
function noteNul(current: Begun, part: Buffer, position: number): void {
  const found = part.indexOf(0);
  if (found < 0) return;
  if (current.faults.some(({ kind }) => kind === 'nul-octets')) return;
  current.faults.push({ kind: 'nul-octets', at: position + found });
}

/** A file that ends within a line was cut off. */
async function isCut(file: StoreFile): Promise<boolean> {
  const [last] = await file.read(file.size - 1, 1);
  return last !== 0x0a;
}

function finish({ start, separator: line, head, faults }: Begun, end: number, cut = false): MboxMessage {
  return {
    start,
    end,
    separator: line,
    head,
    faults: cut ? [...faults, { kind: 'cut', at: end }] : faults,
  };
}

/** The beginning of an mbox: its first line is a separator. */
export function isMbox(head: Buffer): boolean {
  return head.subarray(0, 5).toString('latin1') === 'From ' && isSeparator(head, 0);
}
