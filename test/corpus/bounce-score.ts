import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../support/source-tree.ts';
import {
  failedAddress,
  type BounceReader,
  type RecipientReport,
  type ReturnedMail,
} from '../../src/bounces/index.ts';

// Labelled real bounces that lie beside the checkout: the development half of a public collection. Rules are made to
// generalise; a single mail is never fitted.

const folder = path.join(root, '../shared/corpora/bounces');

/** Is the corpus there? */
export const corpusPresent: boolean = existsSync(path.join(folder, 'expected.jsonl'));
export const corpusFolder: string = folder;

export type Label = {
  readonly file: string;
  readonly index: number;
  readonly family: string;
  readonly recipient: string | null;
  readonly replycode: string;
  readonly status: string;
  readonly pseudoStatus: boolean;
  readonly reason: string;
  readonly otherReasons: readonly string[];
  readonly hardbounce: boolean;
  readonly feedbacktype?: string;
  readonly sameAs?: string;
  readonly notBounce?: boolean;
};

/** What is compared, in the order of the table. */
export const measures = [
  'found',
  'recipient',
  'status',
  'replyCode',
  'verdict',
  'hardSoft',
  'feedbackType',
] as const;
export type Measure = (typeof measures)[number];

export type Scored = {
  readonly label: Label;
  readonly right: ReadonlySet<Measure>;
  readonly report: RecipientReport | null;
};

export type Score = {
  readonly scored: readonly Scored[];
  /** Files whose newline variant reads otherwise than the original. */
  readonly variantsDiffering: readonly string[];
  readonly variants: number;
  /** Ordinary mails taken for a bounce. */
  readonly wronglyTaken: readonly string[];
};

/** `first` and `second`: every other file, in the order of their names. */
export type Half = 'both' | 'first' | 'second';

/** Reads the corpus and compares with its labels. */
export function scoreCorpus(reader: BounceReader, half: Half): Score {
  const all = labels();
  const plain = all.filter((label) => label.sameAs === undefined && label.notBounce !== true);
  const files = [...new Set(plain.map(({ file }) => file))]
    .toSorted()
    .filter((_, at) => half === 'both' || (at % 2 === 0) === (half === 'first'));
  const scored = files.flatMap((file) => {
    const mail = reader.read(readFileSync(path.join(folder, 'eml', file)));
    return plain.filter((label) => label.file === file).map((label) => compare(label, mail));
  });
  const twins = all.filter(
    (label) => label.sameAs !== undefined && existsSync(path.join(folder, label.file)),
  );
  return {
    scored,
    variants: twins.length,
    variantsDiffering: twins.filter((label) => differs(reader, label)).map(({ file }) => file),
    wronglyTaken: all
      .filter((label) => label.notBounce === true)
      .filter((label) => read(reader, label.file).kind !== 'none')
      .map(({ file }) => file),
  };
}

function read(reader: BounceReader, file: string): ReturnedMail {
  const place = existsSync(path.join(folder, file))
    ? file
    : path.join(file.includes('is-not') ? 'not-bounce' : 'eml', path.basename(file));
  return reader.read(readFileSync(path.join(folder, place)));
}

function differs(reader: BounceReader, label: Label): boolean {
  return (
    JSON.stringify(read(reader, label.file)) !==
    JSON.stringify(read(reader, path.join('eml', label.sameAs ?? '')))
  );
}

function compare(label: Label, mail: ReturnedMail): Scored {
  const report = mail.reports[label.index - 1] ?? null;
  const right = new Set<Measure>();
  if (report === null || mail.kind === 'none') return { label, right, report: null };
  const mark = (measure: Measure, is: boolean): void => {
    if (is) right.add(measure);
  };
  mark('found', true);
  mark(
    'recipient',
    label.recipient === null || failedAddress(report)?.toLowerCase() === label.recipient.toLowerCase(),
  );
  mark(
    'status',
    label.pseudoStatus ? report.status?.[0] === label.status[0] : (report.status ?? '') === label.status,
  );
  mark('replyCode', String(report.replyCode ?? '') === label.replycode);
  mark('verdict', [label.reason, ...label.otherReasons].includes(report.verdict));
  mark('hardSoft', report.hardBounce === label.hardbounce);
  mark('feedbackType', (report.feedbackType ?? '') === (label.feedbacktype ?? ''));
  return { label, right, report };
}

function labels(): readonly Label[] {
  const files = new Set(readdirSync(path.join(folder, 'eml')));
  return readFileSync(path.join(folder, 'expected.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Label) // a fixed data file, read by tests and the score alone
    .filter((label) => label.sameAs !== undefined || label.notBounce === true || files.has(label.file));
}

/** Share of the labels that are right by one measure, 0–1. */
export function shareOf(scored: readonly Scored[], measure: Measure): number {
  return scored.length === 0 ? 1 : scored.filter(({ right }) => right.has(measure)).length / scored.length;
}
