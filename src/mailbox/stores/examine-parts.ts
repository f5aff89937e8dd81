import type { Finding, FindingMaker } from '../../findings/index.ts';
import { fileSizeText } from './file-size-text.ts';
import type { StoreForm, StoreLimits } from './store-limits.ts';

/** What every examiner is given. */
export type ExamineParts = {
  readonly finding: FindingMaker;
  readonly limits: StoreLimits;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
  /** Which store, and how far: octets of a file, files of a folder. */
  readonly onProgress?: (path: string, done: number, all: number | null) => void;
};

/** What was counted in a store, whatever is wrong with it. */
export type StoreSize = { readonly octets: number; readonly messages: number | null };

/** Size and number of messages against the limits of the form. */
export function limitFindings(
  path: string,
  form: StoreForm,
  { size, parts }: { readonly size: StoreSize; readonly parts: ExamineParts },
): readonly Finding[] {
  const limit = parts.limits[form];
  const { nearBytes = Infinity, mostBytes = Infinity, mostMessages = Infinity } = limit;
  const about = {
    subject: path,
    evidence: evidenceOf(limit.name.en, size),
    values: {
      kindJa: limit.name.ja,
      kindEn: limit.name.en,
      size: fileSizeText(size.octets),
      most: fileSizeText(limit.mostBytes ?? nearBytes),
      count: grouped(size.messages ?? 0),
      mostMessages: grouped(limit.mostMessages ?? 0),
      cureJa: limit.cure.ja,
      cureEn: limit.cure.en,
    },
  };
  const found: Finding[] = [];
  if (size.octets >= mostBytes) found.push(parts.finding('store.over-limit', about));
  else if (size.octets >= nearBytes) found.push(parts.finding('store.near-limit', about));
  if ((size.messages ?? 0) > mostMessages) found.push(parts.finding('store.many-messages', about));
  return found;
}

/** In order, where nothing was found. */
export function orGood(
  path: string,
  form: StoreForm,
  {
    size,
    parts,
    found,
  }: { readonly size: StoreSize; readonly parts: ExamineParts; readonly found: readonly Finding[] },
): readonly Finding[] {
  if (found.some(({ severity }) => severity !== 'info')) return found;
  const { name } = parts.limits[form];
  return [
    ...found,
    parts.finding('store.good', {
      subject: path,
      evidence: evidenceOf(name.en, size),
      values: { kindJa: name.ja, kindEn: name.en },
    }),
  ];
}

function evidenceOf(name: string, { octets, messages }: StoreSize): string {
  const count = messages === null ? '' : `, ${grouped(messages)} messages`;
  return `${name}: ${grouped(octets)} bytes (${fileSizeText(octets)})${count}`;
}

export function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}
