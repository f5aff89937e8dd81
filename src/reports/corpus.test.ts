import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readReport } from './index.ts';
import type { Report } from './index.ts';

// Labelled real reports beside the checkout: another half of them is kept back, so nothing here is fitted to one of them.
const corpus = fileURLToPath(new URL('../../../shared/corpora/reports', import.meta.url));
const list = join(corpus, 'expected.jsonl');
const present = existsSync(list);

type Label = { file: string; kind: string; expected: string | null };

const labels: readonly Label[] = present
  ? readFileSync(list, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Label) // a fixed data file, read by this test alone
  : [];

describe.skipIf(!present)('labelled reports', () => {
  it.each(labels)('$file is read', ({ file, kind }) => {
    expect(kinds[kind]).toContain(reportIn(file).kind);
  });

  it.each(labels.filter((label) => label.expected !== null))(
    '$file says what is expected',
    ({ file, expected }) => {
      const wanted: unknown = JSON.parse(readFileSync(join(corpus, expected ?? ''), 'utf8'));
      const differences: string[] = [];
      const compared = compare(wanted, reportIn(file), { path: '', differences });
      expect(differences).toEqual([]);
      expect(compared).toBeGreaterThan(5);
    },
  );
});

it.runIf(!present)('ABSENT: labelled reports were NOT read', () => {
  console.warn(`${corpus} is absent: labelled reports were NOT read`);
  expect(present).toBe(false);
});

const kinds: Readonly<Record<string, readonly string[]>> = {
  dmarc: ['dmarc-aggregate'],
  'dmarc-failure': ['dmarc-failure'],
  tlsrpt: ['tls'],
  // An authentication failure is reported in the same format (RFC 6591).
  arf: ['complaint', 'dmarc-failure'],
};

function reportIn(file: string): Report {
  const reading = readReport(readFileSync(join(corpus, file)));
  if (!reading.ok) throw new Error(`${file}: ${reading.fault}`);
  expect(reading.reports).toHaveLength(1);
  const [report] = reading.reports;
  if (report === undefined) throw new Error(`${file}: no report`);
  return report;
}

// Names of the other parser that are not those of the format.
const ourNames: Readonly<Record<string, string>> = { record: 'records', type_: 'type_rfc9990' };
// How the other parser says "nothing said".
const nothing = new Set<unknown>([null, undefined, '', 'Unspecified', 0, false]);
// Its spelling of the words of the formats.
const words: Readonly<Record<string, string>> = { mailfrom: 'mfrom', relaxed: 'r', strict: 's' };

type Comparing = { readonly path: string; readonly differences: string[] };

/** Compares every leaf of `wanted`; answers how many say something. */
function compare(wanted: unknown, found: unknown, { path, differences }: Comparing): number {
  if (Array.isArray(wanted) || (typeof wanted === 'object' && wanted !== null)) {
    if (Array.isArray(wanted) && wanted.length !== (Array.isArray(found) ? found.length : 0))
      differences.push(`${path}: ${wanted.length} wanted`);
    return Object.entries(wanted)
      .map(([name, value]: [string, unknown]) => {
        const inner: unknown =
          typeof found === 'object' && found !== null
            ? Reflect.get(found, ourNames[name] ?? name)
            : undefined;
        return compare(value, inner, { path: `${path}.${name}`, differences });
      })
      .reduce((sum, each) => sum + each, 0);
  }
  if (nothing.has(wanted) && nothing.has(found)) return 0;
  if (plain(wanted) !== plain(found))
    differences.push(`${path}: wanted ${plain(wanted)}, found ${plain(found)}`);
  return 1;
}

function plain(value: unknown): string {
  const text = String(value);
  const word = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return /^[\w-]+$/.test(text) ? (words[word] ?? word) : text;
}
