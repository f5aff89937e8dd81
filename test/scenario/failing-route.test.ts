import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../simulator/index.ts';
import type { Expectation, ProviderInput, Simulator } from '../../simulator/index.ts';
import { systemClock } from '../../src/base/index.ts';
import type { Why } from '../../src/delivery/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import type { CampaignFolder } from '../support/campaign-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { askLedger, runTodoku, sendResult, startTodoku, whyAnswer } from '../support/todoku-run.ts';

// So that a run takes seconds: tries after 0.1 s, 0.3 s, 0.8 s … instead of 15 s, 45 s, 2 min.
const impatient = { TODOKU_DELIVERY_RETRY_FIRST: '100ms' };

async function simulatorWith(provider: string | ProviderInput): Promise<Simulator> {
  const simulator = await startSimulator({
    seed: 'failing-route',
    folder: temporaryFolder(),
    providers: [provider],
    // The ten seconds of the rehearsal's outage are stretched: the tests say when it ends.
    timeScale: 0.01,
  });
  onTestFinished(() => simulator.stop());
  return simulator;
}

function campaignTo(simulator: Simulator, addresses: readonly string[]): CampaignFolder {
  const host = simulator.providers[0]?.hosts[0]?.address ?? '';
  return campaignFolder({ host, port: simulator.smtpPort, addresses });
}

async function askWhy(folder: string, question: string): Promise<Why> {
  const end = await runTodoku(folder, ['why', question, '--json']);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  return whyAnswer(end);
}

/** State of each address, and how each of its attempts ended, as the data folder has it. */
function historiesIn(folder: string, addresses: readonly string[]): ReadonlyMap<string, string> {
  const store = openStore({ folder: join(folder, 'data'), clock: systemClock, mode: 'read' });
  try {
    return new Map(
      addresses.map((address) => {
        const [message] = store.why.messagesOf(address);
        const events = message === undefined ? [] : store.why.eventsOf(message.id);
        const attempts = events.map(({ outcome }) => outcome?.kind ?? 'none');
        return [address, `${message?.state}: ${attempts.join(' ')}`];
      }),
    );
  } finally {
    store.close();
  }
}

// By the number of setbacks that the rehearsal foretells: one cut, two deferrals, or both.
const setbacks = ['', 'unknown ', 'deferred deferred ', 'deferred deferred unknown '];

function historyOf({ fate, setbacks: count }: Expectation): string {
  return fate === 'refused' ? 'bounced: refused' : `delivered: ${setbacks[count]}delivered`;
}

function countOf(expectations: readonly Expectation[], fits: (each: Expectation) => boolean): number {
  return expectations.filter(fits).length;
}

test('a route that is down, refuses, defers and cuts: every mail ends as foretold, and why says so', async () => {
  const simulator = await simulatorWith('rehearsal');
  const addresses = Array.from({ length: 3_000 }, (_, row) => `user${row}@d${row % 40}.example`);
  const expected = addresses.map((address) => simulator.expected(address));
  const { folder, send } = campaignTo(simulator, addresses);
  const todoku = startTodoku(folder, send, impatient);

  // Nobody listens yet: every message says what holds it and until when.
  await todoku.said(/the receiving servers cannot be reached/);
  const last = addresses.at(-1) ?? '';
  let held = await askWhy(folder, last);
  // Between two holds there is a moment in which the message really waits for its turn only.
  for (let tries = 1; held.because === 'queued' && tries < 10; tries += 1) held = await askWhy(folder, last);
  expect(held).toMatchObject({ to: last, state: 'waiting', because: 'unreachable', verdict: null });
  expect(held.becauseText?.en).toMatch(/ECONNREFUSED/);
  expect(new Date(held.until ?? '').toISOString()).toBe(held.until);
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 3_000, waiting: 3_000 });
  await simulator.provider('rehearsal').up();

  const end = await todoku.end;
  expect(end.code).toBe(0);
  const refused = countOf(expected, ({ fate }) => fate === 'refused');
  const cut = countOf(expected, (each) => each.fate === 'delivered' && each.setbacks % 2 === 1);
  expect([refused, cut, countOf(expected, (each) => each.setbacks >= 2)].every((count) => count > 10)).toBe(
    true,
  );
  const numbers = { accepted: 3_000, delivered: 3_000 - refused, bounced: refused, expired: 0, waiting: 0 };
  expect(sendResult(end)).toMatchObject({ ...numbers, unknown: cut });
  expect((await askLedger(folder)).total).toMatchObject(numbers);
  const histories = historiesIn(folder, addresses);
  const wrong = addresses.filter((each, row) => histories.get(each) !== historyOf(expected[row]!));
  expect(wrong.map((each) => `${each} ${histories.get(each)}`)).toEqual([]);
  expect(simulator.stats()['rehearsal']).toMatchObject({
    accepted: 3_000 - refused,
    duplicates: 0,
    dropped: cut,
  });

  const oneOf = (fits: (each: Expectation) => boolean): string => addresses[expected.findIndex(fits)] ?? '';
  const unknownUser = await askWhy(
    folder,
    oneOf(({ fate }) => fate === 'refused'),
  );
  expect(unknownUser).toMatchObject({ state: 'bounced', verdict: 'userunknown', party: 'sender' });
  expect(unknownUser).toMatchObject({ because: null, until: null, certainty: 'proved' });
  expect(unknownUser.timeline.at(-1)).toMatchObject({ outcome: 'refused', stage: 'rcpt', origin: 'remote' });
  expect(unknownUser.timeline.at(-1)?.reply).toMatch(/^550 5\.1\.1 .*User unknown/);

  const busy = await askWhy(
    folder,
    oneOf((each) => each.setbacks === 2),
  );
  expect(busy).toMatchObject({ state: 'delivered', verdict: null, because: null, until: null });
  expect(busy.timeline.map(({ event, outcome }) => outcome ?? event)).toEqual([
    'accepted',
    'deferred',
    'deferred',
    'delivered',
  ]);
  expect(busy.timeline[1]?.reply).toMatch(/^450 4\.2\.0 /);

  const lost = await askWhy(
    folder,
    oneOf((each) => each.setbacks === 1),
  );
  expect(lost).toMatchObject({ state: 'delivered', because: null });
  expect(lost.timeline.map(({ event, outcome }) => outcome ?? event)).toEqual([
    'accepted',
    'unknown',
    'delivered',
  ]);
  expect(lost.timeline[1]).toMatchObject({ stage: 'eom', origin: 'local', reply: null });
});

test('a server that keeps the mail and cuts the connection gets it again under the same Message-ID', async () => {
  const simulator = await simulatorWith({
    id: 'forgetful',
    name: { ja: '忘れっぽい', en: 'Forgetful' },
    domains: ['forgetful.example'],
    anyDomain: true,
    hosts: [{ name: 'mx.forgetful.example', address: '127.1.99.2' }],
    startTls: 'none',
    recipients: [{ id: 'kept-and-cut', share: 0.04, stage: 'eom', drop: 'reset', times: 1, stored: true }],
  });
  const addresses = Array.from({ length: 500 }, (_, row) => `user${row}@d${row % 5}.example`);
  const twice = countOf(
    addresses.map((address) => simulator.expected(address)),
    ({ copies }) => copies === 2,
  );
  expect(twice).toBeGreaterThan(5);
  const { folder, send } = campaignTo(simulator, addresses);
  const end = await runTodoku(folder, send, impatient);
  expect(end.code).toBe(0);
  expect(sendResult(end)).toMatchObject({ accepted: 500, delivered: 500, waiting: 0, unknown: twice });
  // Told apart by (recipient, Message-ID): what came twice came as the same mail.
  expect(simulator.stats()['forgetful']).toMatchObject({ accepted: 500 + twice, duplicates: twice });
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 500, delivered: 500 });
});
