import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outline, recipientLists } from '../../test/support/recipient-lists.ts';
import type { RecipientLists } from '../../test/support/recipient-lists.ts';
import { exportSuppressions, importSuppressions, normaliseAddress, suppressionKey } from './index.ts';
import type { RejectedRow, Suppression, SuppressionStore } from './index.ts';

let lists: RecipientLists;
beforeAll(async () => {
  lists = await recipientLists();
});
afterAll(() => lists[Symbol.asyncDispose]());

const plain = { scope: 'address', list: null, verdict: null, evidence: null, untilMs: null } as const;

/** What the lists use of the port, in memory, with pages of three so that paging shows. */
function smallStore(): Pick<SuppressionStore, 'add' | 'list'> & { readonly rows: Map<string, Suppression> } {
  const rows = new Map<string, Suppression>();
  const keyOf = (item: Suppression): string =>
    [suppressionKey(item.address), item.reason, item.scope, item.list].join(' ');
  return {
    rows,
    add(batch) {
      const fresh = batch.map((item) => ({ ...plain, ...item })).filter((item) => !rows.has(keyOf(item)));
      for (const item of fresh) rows.set(keyOf(item), item);
      return { added: fresh.length };
    },
    list({ cursor }) {
      const keys = [...rows.keys()].toSorted().filter((key) => cursor === null || key > cursor);
      const page = keys.slice(0, 3);
      const items = page.flatMap((key) => rows.get(key) ?? []);
      return { items, next: keys.length > 3 ? (page.at(-1) ?? null) : null };
    },
  };
}

// The lists call add and list alone; the rest of the port is the storage's own suite.
const asStore = (store: ReturnType<typeof smallStore>): SuppressionStore =>
  store as unknown as SuppressionStore;

const atMs = Date.UTC(2026, 0, 2);

describe('importing a list of addresses not to send to', () => {
  test('takes reason, time and note when they are there, and the safe side when not', async () => {
    const store = smallStore();
    const rejects: RejectedRow[] = [];
    const path = await lists.write(
      [
        'メールアドレス,reason,at,note',
        'a@x.jp,bounced,2025-05-06T07:08:09Z,550 5.1.1',
        'ｂ＠x.jp,何か,いつか,',
        'no address,bounced,,',
      ].join('\n'),
    );
    const summary = await importSuppressions(path, {
      store: asStore(store),
      source: 'import:old.csv',
      atMs,
      rejected: (row) => void rejects.push(row),
    });
    expect(summary).toMatchObject({ rows: 3, accepted: 2, added: 2, rejected: 1 });
    expect(outline(rejects)).toEqual(['4 bad-address']);
    expect([...store.rows.values()]).toEqual([
      {
        address: 'a@x.jp',
        reason: 'bounced',
        source: 'import:old.csv',
        atMs: Date.UTC(2025, 4, 6, 7, 8, 9),
        note: '550 5.1.1',
        ...plain,
      },
      { address: 'b@x.jp', reason: 'imported', source: 'import:old.csv', atMs, note: '', ...plain },
    ]);
  });

  test('says how many were new', async () => {
    const store = smallStore();
    const path = await lists.write('email\na@x.jp\nb@x.jp\n');
    const into = { store: asStore(store), source: 'cli', atMs };
    expect((await importSuppressions(path, into)).added).toBe(2);
    expect((await importSuppressions(path, into)).added).toBe(0);
  });
});

describe('exporting', () => {
  const item = (address: string, note = ''): Suppression => ({
    address,
    reason: 'manual',
    source: 'cli',
    atMs,
    note,
    ...plain,
  });

  test('what is exported is imported as it was, whatever a spreadsheet would make of it', async () => {
    const store = smallStore();
    const odd = [
      '=1+1@x.jp',
      '+a@x.jp',
      '-a@x.jp',
      '"a b"@x.jp',
      '"=1,2"@x.jp',
      'ta..ro@docomo.ne.jp',
      '.-@au.com',
      '太郎@x.jp',
    ];
    store.add(odd.map((address) => item(address, '=note, with "quotes"\nand lines')));
    store.add([{ ...item('-a@x.jp'), reason: 'bounced' }]);
    const path = join(lists.folder, 'suppressions.csv');
    expect(exportSuppressions(asStore(store), path)).toBe(odd.length + 1);
    const text = await readFile(path, 'utf8');
    expect(text.split(/\r\n/).filter((line) => /^[=+\-@]/.test(line))).toEqual([]);
    const again = smallStore();
    await importSuppressions(path, { store: asStore(again), source: 'other', atMs: 0 });
    expect(new Set(again.rows.values())).toEqual(new Set(store.rows.values()));
  });

  test('scope, list, end and verdict come back', async () => {
    const store = smallStore();
    store.add([
      { ...item('x.jp'), scope: 'domain' },
      { ...item('a@x.jp'), scope: 'list', list: '=週報' },
      { ...item('a@x.jp'), reason: 'bounced', verdict: 'mailboxfull', untilMs: atMs + 1_000 },
    ]);
    const path = join(lists.folder, 'scopes.csv');
    expect(exportSuppressions(asStore(store), path)).toBe(3);
    const again = smallStore();
    await importSuppressions(path, { store: asStore(again), source: 'other', atMs: 0 });
    expect(new Set(again.rows.values())).toEqual(new Set(store.rows.values()));
  });

  test('a scope that is not clear stops everything to the address', async () => {
    const store = smallStore();
    const path = await lists.write('email,scope,list\na@x.jp,list,\nb@x.jp,everything,\n');
    await importSuppressions(path, { store: asStore(store), source: 'cli', atMs });
    expect([...store.rows.values()].map(({ scope, list }) => [scope, list])).toEqual([
      ['address', null],
      ['address', null],
    ]);
  });

  test('any address that normalising accepts comes back', async () => {
    const local = fc.string({
      unit: fc.constantFrom(...Array.from('ab.-=+"\\ <>@,;日')),
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(local, fc.boolean()), { minLength: 1, maxLength: 8 }),
        async (locals) => {
          const store = smallStore();
          const texts = locals.map(([part, quote]) =>
            quote ? `"${part.replaceAll(/["\\]/g, String.raw`\$&`)}"@x.jp` : `${part}@docomo.ne.jp`,
          );
          store.add(
            texts.flatMap((text) => {
              const read = normaliseAddress(text);
              return read.ok ? [item(read.text)] : [];
            }),
          );
          if (store.rows.size === 0) return;
          const path = join(lists.folder, 'round.csv');
          exportSuppressions(asStore(store), path);
          const again = smallStore();
          await importSuppressions(path, { store: asStore(again), source: 'other', atMs: 0 });
          expect([...again.rows.keys()].toSorted()).toEqual([...store.rows.keys()].toSorted());
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a store that fails leaves no file', () => {
    const broken = {
      ...smallStore(),
      list: () => {
        throw new Error('disk');
      },
    };
    const path = join(lists.folder, 'nothing.csv');
    expect(() => exportSuppressions(asStore(broken), path)).toThrow('disk');
    return expect(readFile(`${path}.part`)).rejects.toThrow('ENOENT');
  });
});
