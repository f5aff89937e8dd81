import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchListings } from '../../src/app/listing-watch.ts';
import { loadConfig } from '../../src/config/index.ts';
import { loadBlocklists } from '../../src/deliverability/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import { a, startDnsZone } from '../support/dns-zone.ts';
import type { ZoneAnswer } from '../support/dns-zone.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku } from '../support/todoku-run.ts';

const hourMs = 3_600_000;
const listed = (name: string, ...addresses: readonly string[]): ZoneAnswer => ({
  answers: addresses.map((address) => a(name, address, 300)),
});

/** Test entries of every list, as RFC 5782 §5 wants them. */
function livingLists(): Record<string, ZoneAnswer> {
  const records: Record<string, ZoneAnswer> = {};
  for (const { test: entry, zone } of loadBlocklists(defaultKnowledgeFolder()).living) {
    const name = `${entry.listed}.${zone}`;
    if (entry.listed !== null) records[`A ${name}`] = listed(name, '127.0.0.2');
  }
  return records;
}

async function world() {
  const records = livingLists();
  const zone = await startDnsZone(records);
  const folder = temporaryFolder();
  const file = join(folder, 'todoku.yaml');
  const config = {
    dns: { servers: [zone.server] },
    sources: [
      { ip: '203.0.113.9', hostname: 'mail.shop.example' },
      { ip: '10.0.0.9', hostname: 'inside.shop.example' },
    ],
    domains: [{ name: 'shop.example' }],
    blocklists: { every: '6h' },
  };
  writeFileSync(file, JSON.stringify(config));
  const clock = new FakeClock();
  const store = openStore({ folder: join(folder, 'data'), clock, create: true });
  onTestFinished(async () => {
    store.close();
    await zone.close();
  });
  const told: string[] = [];
  const listener = {
    onChange: ({ change, subject, answer }: { change: string; subject: string; answer: string }) =>
      void told.push(`${change} ${subject} ${answer}`),
    onUnasked: (lists: readonly { id: string }[]) =>
      void told.push(`mute ${lists.map(({ id }) => id).join()}`),
    onTrouble: (error: unknown) => void told.push(String(error)),
  };
  const loaded = loadConfig({ file, explicit: true, environment: {}, hostname: 'mail.shop.example' });
  const watch = () =>
    watchListings(
      { config: loaded, store: store.listings, clock, random: () => 0, dnsServers: [zone.server] },
      listener,
    );
  /** Lets that much time pass, and the round that then falls due come to its end. */
  const pass = async (ms: number): Promise<void> => {
    const before = clock.now();
    await clock.advance(ms);
    const asked = (): boolean => {
      const subjects = new Set(
        store.listings
          .listings()
          .filter(({ askedMs }) => askedMs > before)
          .map(({ subject }) => subject),
      );
      return subjects.size === 2;
    };
    await expect.poll(asked, { timeout: 30_000 }).toBe(true);
    // The next look is planned when this one is over.
    await expect.poll(() => clock.nextTimerMs === clock.monotonic() + 6 * hourMs).toBe(true);
  };
  return { records, zone, folder, store, clock, told, watch, pass };
}

test('listings of our sources and domains are told once, kept with their history, and told again when they end', async () => {
  const { records, zone, folder, store, told, watch, pass } = await world();
  const zen = '9.113.0.203.zen.spamhaus.org';
  const watching = watch();
  onTestFinished(() => watching.stop());
  await pass(60_000);
  expect(told).toEqual([]);
  expect(zone.questions).toContain('A shop.example.dbl.spamhaus.org');
  expect(zone.questions.filter((name) => name.includes('9.0.0.10.'))).toEqual([]);

  records[`A ${zen}`] = listed(zen, '127.0.0.4', '127.0.0.3');
  await pass(6 * hourMs);
  await pass(6 * hourMs);
  expect(told).toEqual(['listed 203.0.113.9 127.0.0.3, 127.0.0.4']);

  // A list that refuses us has not let anybody go.
  records[`A ${zen}`] = listed(zen, '127.255.255.254');
  await pass(6 * hourMs);
  expect(told).toHaveLength(2);
  expect(told[1]).toBe('mute spamhaus-zen');

  delete records[`A ${zen}`];
  await pass(6 * hourMs);
  expect(told.slice(2)).toEqual(['delisted 203.0.113.9 127.0.0.3, 127.0.0.4']);

  store.close();
  const { code, stdout } = await runTodoku(folder, ['check', 'blocklists', '--history', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    listed: [],
    events: [
      { subject: '203.0.113.9', change: 'delisted', list: 'Spamhaus ZEN', since: '2026-01-01T06:01:00.000Z' },
      { subject: '203.0.113.9', change: 'listed', answer: '127.0.0.3, 127.0.0.4', since: null },
    ],
  });
});

test('a restart goes on where the watch was, and does not ask lists each time', async () => {
  const { zone, clock, watch, pass } = await world();
  const first = watch();
  await pass(60_000);
  await first.stop();
  const asked = zone.questions.length;
  for (let restart = 0; restart < 5; restart++) {
    const again = watch();
    await clock.advance(hourMs / 2);
    await again.stop();
  }
  expect(zone.questions.length).toBe(asked);
  expect(clock.pendingTimers).toBe(0);
});

test('stops in the middle of a look, and keeps nothing of it', async () => {
  const { records, zone, store, clock, told, watch } = await world();
  records['A 9.113.0.203.zen.spamhaus.org'] = { drop: true };
  records['A shop.example.dbl.spamhaus.org'] = { drop: true };
  const watching = watch();
  await clock.advance(60_000);
  await zone.asked(20);
  await watching.stop();
  expect(store.listings.listings()).toEqual([]);
  expect(told).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});
