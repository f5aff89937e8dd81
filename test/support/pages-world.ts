import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { notArrivedLink } from '../../src/app/not-arrived.ts';
import { pagesApp } from '../../src/app/pages.ts';
import { sendingHours } from '../../src/app/sending-hours.ts';
import { answerWhy } from '../../src/app/why-answer.ts';
import { systemRandom } from '../../src/base/index.ts';
import { loadConfig } from '../../src/config/index.ts';
import type { Why } from '../../src/delivery/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../src/knowledge/index.ts';
import { createResolver } from '../../src/net/dns/index.ts';
import { makeToken } from '../../src/protocol/return-path/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import type { Store } from '../../src/storage/sqlite/index.ts';
import type { ReceivedMessage } from '../../simulator/index.ts';
import { startArrivalSink } from './arrivals.ts';
import type { Arrivals } from './arrivals.ts';
import { campaignFolder } from './campaign-folder.ts';
import { FakeClock } from './fake-clock.ts';
import { runTodoku } from './todoku-run.ts';

export type PagesWorld = {
  /** With todoku.yaml, as its owner has it. */
  readonly folder: string;
  readonly app: ReturnType<typeof pagesApp>;
  readonly store: Store;
  readonly clock: FakeClock;
  readonly arrivals: Arrivals;
  /** Whole mails that came, in order. */
  readonly mails: readonly ReceivedMessage[];
  readonly troubles: readonly unknown[];
  /** Path of the page about the mail to an address. */
  missedPath(address: string): string;
  unsubscribePath(address: string): string;
  why(address: string): Why;
};

/**
 * A campaign that was sent to the addresses, and the pages over its data folder; the clock stands at the present. `testPort`: a
 * receiver of its own for test mails.
 */
export async function pagesWorld(addresses: readonly string[], testPort?: number): Promise<PagesWorld> {
  const mails: ReceivedMessage[] = [];
  const { sink, arrivals } = await startArrivalSink((message) => mails.push(message));
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const sent = await runTodoku(folder, send);
  if (sent.code !== 0) throw new Error(sent.stderr);
  const clock = new FakeClock(Date.now());
  const store = openStore({ folder: join(folder, 'data'), clock });
  const loaded = loadConfig({
    file: join(folder, 'todoku.yaml'),
    explicit: true,
    environment: {},
    hostname: 'host.test',
  });
  const routes = [{ domain: '*', host: '127.0.0.1', port: testPort ?? sink.port }];
  const config = { ...loaded, delivery: { ...loaded.delivery, routes } };
  const resolver = createResolver({ servers: ['127.0.0.1:9'], timeoutMs: 1_000, attempts: 1, clock });
  onTestFinished(() => {
    resolver.close();
    store.close();
  });
  const knowledge = loadKnowledge(defaultKnowledgeFolder());
  const troubles: unknown[] = [];
  const app = pagesApp({
    config,
    store,
    knowledge,
    resolver,
    clock,
    random: systemRandom,
    trouble: (error) => troubles.push(error),
  });
  const messageOf = (address: string): ReturnType<Store['why']['messagesOf']>[number] => {
    const message = store.why.messagesOf(address).at(-1);
    if (message === undefined) throw new Error(`no mail to ${address}`);
    return message;
  };
  const key = createSecretKey(store.secret);
  return {
    folder,
    app,
    store,
    clock,
    arrivals,
    mails,
    troubles,
    missedPath: (address) => new URL(notArrivedLink(config, messageOf(address), key)).pathname,
    unsubscribePath: (address) =>
      `/u/${makeToken({ purpose: 'unsubscribe', id: messageOf(address).id, key })}`,
    why(address) {
      const [answer] = answerWhy(store, knowledge, {
        question: address,
        nowMs: clock.now(),
        hours: sendingHours(config, knowledge),
      });
      if (answer === undefined) throw new Error(`nothing is known of ${address}`);
      return answer;
    },
  };
}

/** Posts a form as a browser does. */
export function form(fields: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  };
}
