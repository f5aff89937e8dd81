import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'todoku-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads it whatever it is: throwing anything fails the property; each complaint must be one clear line. */
function readsCalmly(content: string | Uint8Array, environment: Record<string, string> = {}): void {
  const file = join(folder, 'todoku.yaml');
  writeFileSync(file, content);
  const reading = readConfig({ file, explicit: true, environment, hostname: 'h.test' });
  if (reading.ok) return;
  expect(reading.errors.length).toBeGreaterThan(0);
  for (const error of reading.errors) {
    for (const language of ['ja', 'en'] as const) {
      expect(error.line(language)).not.toMatch(/[\u0000-\u001f]|undefined|\[object/); // oxlint-disable-line no-control-regex -- one line means none of these
      expect(error.line(language).length).toBeLessThan(700);
    }
  }
}

const word = fc.constantFrom(
  'dns',
  'servers',
  'delivery',
  'routes',
  'domain',
  'domains',
  'dkim',
  'key',
  'tls',
  'expiry',
  'storage',
  'url',
  '__proto__',
  'constructor',
  '<<',
);
const value = fc.oneof(
  fc.constantFrom('5d', '*', '[::1]:25', '!x', '&a', '*a', 'null', '"\\q"', '0x1f', '.nan', '9e999'),
  fc.string({ maxLength: 20 }),
);
const line = fc
  .tuple(
    fc.constantFrom('', '  ', '    ', '\t', '  - ', '- '),
    word,
    fc.constantFrom(': ', ':', ' ', ':\n'),
    value,
  )
  .map((parts) => parts.join(''));

it('survives lines that look like a configuration', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => readsCalmly(lines.join('\n'))),
    { numRuns: 400 },
  );
});

it('survives any text, any bytes and any JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => readsCalmly(text)),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readsCalmly(bytes)),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.json(), (json) => readsCalmly(json)),
    { numRuns: 150 },
  );
});

it('survives any section and any field holding anything', () => {
  const anything = fc.jsonValue({ maxDepth: 3 });
  const document = fc.dictionary(
    fc.constantFrom('dns', 'delivery', 'domains', 'sources', 'storage', 'http'),
    anything,
  );
  const entries = fc.array(
    fc.dictionary(fc.constantFrom('name', 'dkim', 'ip', 'hostname', 'domain', 'host', 'port'), anything),
  );
  fc.assert(
    fc.property(document, (root) => readsCalmly(JSON.stringify(root))),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(entries, (list) =>
      readsCalmly(JSON.stringify({ domains: list, sources: list, delivery: { routes: list } })),
    ),
    { numRuns: 150 },
  );
});

it('survives any environment', () => {
  const name = fc.oneof(
    fc.constantFrom('TODOKU_DNS_SERVERS', 'TODOKU_DOMAINS', 'TODOKU_DELIVERY_TLS', 'TODOKU_DELIVERY_EXPIRY'),
    fc.string({ maxLength: 30 }).map((text) => `TODOKU_${text}`),
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ maxLength: 60 })), (variables) => readsCalmly('', variables)),
    { numRuns: 150 },
  );
});

it('survives nesting and repetition without end', () => {
  for (const part of ['[', '{a: ', '- ', 'a: ', '? ', '&a ', '"', 'dns:\n', '{"dns":', '!!x ']) {
    expect(() => readsCalmly(part.repeat(5000))).not.toThrow();
  }
});
