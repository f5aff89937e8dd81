// Blocked, too fast, out of reach, without DNS, greylisted, taken for spam, asleep: at every moment of all that, whatever waits
// says why and until when, and in the end nothing is left.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Router } from '../../src/delivery/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../src/knowledge/index.ts';
import { createClassifier, createReader } from '../../src/replies/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import { deliveryWorld, ownHosts, passTime } from '../support/delivery-world.ts';
import { refusedConnection } from '../support/fake-smtp.ts';
import type { FakeAnswer, FakeConnection } from '../support/fake-smtp.ts';
import { openCampaign } from '../support/memory-store.ts';
import { watchWaiting } from '../support/waiting-watch.ts';

const minuteMs = 60_000;
const lookEveryMs = 7_000;

const speeches: Readonly<Record<string, string>> = {
  'blocked.example': '550 5.7.1 Service unavailable; client host [192.0.2.9] is on our block list',
  'fast.example': '421 4.7.0 too many messages from your address, slow down',
  'grey.example': '451 4.7.1 greylisted, try again in five minutes',
  'spam.example': '550 5.7.1 message refused as spam',
};

test.each([[1], [2]])('with %i carriers', async (carriers) => {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-why-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const knowledge = loadKnowledge(defaultKnowledgeFolder());
  const startedMs = (): number => world.clock.monotonic() - beganMs;
  // Every trouble is over after twelve minutes.
  const isOver = (): boolean => startedMs() > 12 * minuteMs;
  const router: Router = (domain) => {
    if (domain === 'nodns.example' && !isOver())
      return Promise.resolve({ kind: 'held', cause: 'dns-timeout', text: 'no answer' });
    return ownHosts(domain);
  };
  const world = deliveryWorld({
    carriers,
    router,
    reader: createReader(createClassifier(knowledge), knowledge),
    connection: ({ host }): FakeConnection => {
      const domain = host.replace(/^mx\./, '');
      if (domain === 'dead.example' && !isOver()) return { kind: 'fail', failure: refusedConnection };
      return {
        kind: 'open',
        answer: (): FakeAnswer => {
          const speech = isOver() ? undefined : speeches[domain];
          if (speech === undefined) return { kind: 'accept' };
          const code = Number(speech.slice(0, 3));
          const stage = domain === 'spam.example' ? 'eom' : 'mail';
          return { kind: 'reply', code, stage, text: speech.slice(4) };
        },
      };
    },
  });
  const beganMs = world.clock.monotonic();
  const store = openStore({ folder, clock: world.clock, create: true });
  onTestFinished(() => store.close());
  const domains = [...Object.keys(speeches), 'dead.example', 'nodns.example', 'well.example'];
  const to = domains.flatMap((domain) =>
    Array.from({ length: domain === 'spam.example' ? 400 : 30 }, (_, index) => {
      const address = `m${index}@${domain}`;
      return { address, domain, variables: { email: address } };
    }),
  );
  const expiresMs = 24 * 60 * minuteMs;
  // What is taken for spam is a campaign of its own: held, it would keep the others' reasons from being seen.
  const isSpam = ({ domain }: { readonly domain: string }): boolean => domain === 'spam.example';
  const facts = { createdMs: world.clock.now(), expiresMs };
  openCampaign(
    store,
    to.filter((each) => !isSpam(each)),
    { name: 'c-1', ...facts },
  );
  openCampaign(store, to.filter(isSpam), { name: 'c-2', ...facts });
  const asleep = Array.from({ length: 30 }, (_, index) => {
    const address = `s${index}@well.example`;
    return { address, domain: 'well.example', variables: { email: address } };
  });
  openCampaign(store, asleep, { name: 'c-3', window: '03:00-04:00', timezone: 'UTC', ...facts });
  const watch = watchWaiting(store);
  const engine = world.engine({
    store: store.delivery,
    reactions: knowledge.reactions,
    reactionStore: store.reactions,
    providerIdOf: (place) => knowledge.providerOf(place)?.id ?? null,
  });
  const run = engine.run();
  const look = (): void => {
    watch.look(world.clock.now());
    timer = world.clock.after(lookEveryMs, look);
  };
  let timer = world.clock.after(lookEveryMs, look);
  await passTime(world.clock, run, { mostMs: expiresMs });
  timer.cancel();
  await run;
  expect(watch.faults.slice(0, 5)).toEqual([]);
  const seen = new Set(watch.reasons.keys());
  const expected = [
    'retry',
    'suspended',
    'throttled',
    'unreachable',
    'dns-failed',
    'campaign-held',
    'window',
  ];
  expect(expected.filter((reason) => !seen.has(reason))).toEqual([]);
  const { total } = store.reports.ledger();
  expect(total).toMatchObject({ accepted: to.length + asleep.length, waiting: 0, expired: 0 });
  expect(total.delivered + total.bounced).toBe(to.length + asleep.length);
});
