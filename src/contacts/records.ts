import type { PhysicalLine } from './lines.ts';

export type QuotingFault = 'text-after-quote' | 'quote-inside' | 'not-closed';

/** One record as it stands in the file; its quoting is sound, so csv-parse can read it. */
export type SoundRecord = {
  readonly line: number;
  readonly text: string;
  readonly quoted: boolean;
  readonly fault: null;
};
/** One physical line that could not become a record. */
export type BrokenRecord = {
  readonly line: number;
  readonly text: string;
  readonly fault: QuotingFault | 'too-long';
};

type ScanRules = {
  readonly delimiter: string;
  /** Characters after which an open quote is taken for a fault. */
  readonly limitCharacters: number;
  /** Whether a line that an open quote has swallowed is a whole record by its looks. */
  readonly looksComplete: (line: string) => boolean;
};

type Scan =
  | { readonly kind: 'record'; readonly lines: number }
  | { readonly kind: 'fault'; readonly fault: QuotingFault }
  | { readonly kind: 'more' };

/**
 * Finds where the record that begins at `lines[start]` ends (RFC 4180 §2). csv-parse could find that too, but not go on
 * after a fault: a quote that never closes takes every following row with it, and one that the next quoted row closes
 * takes the rows between; `skip_records_with_error` reports one error for all of them (tried with 7.0.3).
 */
export function scanRecord(lines: readonly PhysicalLine[], start: number, rules: ScanRules): Scan {
  let open = false;
  let characters = 0;
  for (let index = start; index < lines.length; index += 1) {
    const line = lines[index];
    if (line === undefined) break;
    const swallowed = open && (line.tooLong || rules.looksComplete(line.text));
    characters += line.text.length + line.end.length;
    if (swallowed || (open && characters > rules.limitCharacters))
      return { kind: 'fault', fault: 'not-closed' };
    const state = scanLine(line.text, open, rules.delimiter);
    if (state === 'sound') return { kind: 'record', lines: index - start + 1 };
    if (state !== 'open') return { kind: 'fault', fault: state };
    open = true;
  }
  return { kind: 'more' };
}

/** One physical line through the grammar of RFC 4180 §2; `open`: it begins inside a quoted field. */
function scanLine(
  text: string,
  open: boolean,
  delimiter: string,
): 'sound' | 'open' | 'text-after-quote' | 'quote-inside' {
  let at = 0;
  let inside = open;
  for (;;) {
    if (!inside) {
      if (text[at] === '"') {
        inside = true;
        at += 1;
        continue;
      }
      const next = text.indexOf(delimiter, at);
      const quote = text.indexOf('"', at);
      if (quote !== -1 && (next === -1 || quote < next)) return 'quote-inside';
      if (next === -1) return 'sound';
      at = next + 1;
      continue;
    }
    const quote = text.indexOf('"', at);
    if (quote === -1) return 'open';
    const after = text[quote + 1];
    at = quote + 2;
    if (after === '"') continue; // RFC 4180 §2.7: a doubled quote stands for one
    if (after === undefined) return 'sound';
    if (after !== delimiter) return 'text-after-quote';
    inside = false;
  }
}

export type RecordSplitter = {
  push(lines: readonly PhysicalLine[]): readonly (SoundRecord | BrokenRecord)[];
  end(): readonly (SoundRecord | BrokenRecord)[];
};

/**
 * Physical lines to records, blank ones skipped. After a fault only the line on which the record began is given up and
 * reading goes on at the next physical line. That stays linear: a line that leaves a quote open is read again at most
 * once, because any odd quote in a later line closes it or shows the fault.
 */
export function recordSplitter(rules: ScanRules): RecordSplitter {
  let pending: PhysicalLine[] = [];

  function drain(last: boolean): (SoundRecord | BrokenRecord)[] {
    const records: (SoundRecord | BrokenRecord)[] = [];
    let at = 0;
    for (let first = pending[at]; first !== undefined; first = pending[at]) {
      const { line, text } = first;
      if (first.tooLong || !text.includes('"')) {
        if (first.tooLong) records.push({ line, text, fault: 'too-long' });
        else if (text.trim() !== '') records.push({ line, text, quoted: false, fault: null });
        at += 1;
        continue;
      }
      const scan = scanRecord(pending, at, rules);
      if (scan.kind === 'more' && !last) break;
      if (scan.kind === 'record') {
        records.push({ line, text: joined(pending, at, scan.lines), quoted: true, fault: null });
        at += scan.lines;
        continue;
      }
      records.push({ line, text, fault: scan.kind === 'fault' ? scan.fault : 'not-closed' });
      at += 1;
    }
    pending = pending.slice(at);
    return records;
  }

  return {
    push(lines) {
      pending = pending.length === 0 ? [...lines] : [...pending, ...lines];
      return drain(false);
    },
    end: () => drain(true),
  };
}

/** The text of `count` physical lines with the line ends between them, as in the file. */
export function joined(lines: readonly PhysicalLine[], start: number, count: number): string {
  const parts = lines.slice(start, start + count);
  return parts.map((line, index) => (index === parts.length - 1 ? line.text : line.text + line.end)).join('');
}
