import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { closedAfter } from '../../test/contract/contract-store.ts';
import { deferred, final, recipients } from '../../test/contract/samples.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { startWebhookReceiver } from '../../test/support/webhook-receiver.ts';
import type { Answer, ReceivedPost, WebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { systemClock, systemRandom } from '../base/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { createAddressGuard } from './address-guard.ts';
import { createPoster, mostRequests } from './post.ts';
import { beginning } from './position.ts';
import { startWebhooks } from './start-webhooks.ts';
import type { RunningWebhooks } from './start-webhooks.ts';
import type { Webhook } from './webhook.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const noNames = new Proxy({}, { get: () => () => Promise.resolve({ kind: 'nxdomain' }) }) as Resolver; // never asked

function webhook(url: string, facts: Partial<Webhook> = {}): Webhook {
  return {
    id: 'w-1',
    url,
    description: '',
    types: null,
    domains: null,
    owner: null,
    secrets: [{ text: secret, untilMs: null }],
    createdMs: 1,
    pause: null,
    position: beginning,
    ...facts,
  };
}

function run(store: Store): RunningWebhooks {
  const poster = createPoster({
    resolver: noNames,
    clock: systemClock,
    guard: createAddressGuard(['127.0.0.0/8']),
    context: null,
  });
  const running = startWebhooks({
    events: store.events,
    store: store.webhooks,
    poster,
    clock: systemClock,
    random: systemRandom,
    remark: () => undefined,
    onPosted: () => undefined,
  });
  onTestFinished(() => running.stop(1_000));
  return running;
}

function freshStore(): Store {
  return closedAfter(openStore({ folder: temporaryFolder(), clock: systemClock, create: true }));
}

type Answering = (post: ReceivedPost, at: number) => Answer | Promise<Answer>;

async function world(
  answer?: Answering,
  facts: Partial<Webhook> = {},
): Promise<{ store: Store; receiver: WebhookReceiver; running: RunningWebhooks }> {
  const receiver = await startWebhookReceiver(answer);
  const store = freshStore();
  store.webhooks.add(webhook(receiver.url, facts));
  return { store, receiver, running: run(store) };
}

/** Waits until nothing is on the list and everything of the feed was read. */
async function settled(store: Store): Promise<void> {
  await vi.waitFor(() => {
    const [hook] = store.webhooks.list();
    expect(hook?.position).toEqual(store.events.head());
    expect(store.webhooks.counts('w-1').waiting).toBe(0);
  });
}

describe('webhooks', () => {
  test('every event arrives once, signed so that the published package verifies it', async () => {
    const { store, receiver } = await world();
    openCampaign(store, recipients(50), { name: 'c-1' });
    store.delivery.commit(
      Array.from({ length: 50 }, (_, at) => final(at + 1, at % 2 === 0 ? 'delivered' : 'bounced')),
      [],
      [],
    );
    await settled(store);
    expect(receiver.posts).toHaveLength(100);
    expect(new Set(receiver.posts.map(({ id }) => id)).size).toBe(100);
    const verifier = new Verifier(secret);
    for (const { body, headers } of receiver.posts) {
      expect(verifier.verify(body, headers as Record<string, string>)).toMatchObject({
        data: { event: headers['webhook-id'] },
      });
      expect(() => verifier.verify(`${body} `, headers as Record<string, string>)).toThrow('signature');
    }
    expect(receiver.mostAtATime).toBeLessThanOrEqual(mostRequests);
  });

  test('the events of a message arrive in order, and nothing overtakes one that fails', async () => {
    let refused = 0;
    const { store, receiver } = await world(({ type, message }) => {
      const fails = type === 'message.accepted' && message.endsWith('.1') && refused < 1;
      refused += fails ? 1 : 0;
      return { status: fails ? 500 : 200 };
    });
    openCampaign(store, recipients(3), { name: 'c-1' });
    store.delivery.commit([deferred(1, 1), final(2, 'delivered'), final(3, 'delivered')], [], []);
    store.delivery.commit([final(1, 'delivered')], [], []);
    await vi.waitFor(() => expect(receiver.posts).toHaveLength(5));
    expect(receiver.posts.filter(({ message }) => message === 'c-1.1')).toHaveLength(1);
    expect(store.webhooks.counts('w-1').waiting).toBeGreaterThan(0);
    await vi.waitFor(() => expect(receiver.posts).toHaveLength(8), { timeout: 15_000, interval: 50 });
    const first = receiver.posts.filter(({ message }) => message === 'c-1.1');
    expect(first.map(({ type }) => type)).toEqual([
      'message.accepted',
      'message.accepted',
      'message.deferred',
      'message.delivered',
    ]);
    expect(first[0]?.id).toBe(first[1]?.id);
    await settled(store);
  });

  test('only what the filter wants is told', async () => {
    const { store, receiver } = await world(undefined, {
      types: ['message.bounced'],
      domains: ['two.example'],
    });
    openCampaign(store, recipients(2), { name: 'c-1', domain: 'one.example' });
    openCampaign(store, recipients(2), { name: 'c-2', domain: 'two.example' });
    store.delivery.commit([final(1, 'bounced'), final(3, 'bounced'), final(4, 'delivered')], [], []);
    await receiver.reached(1);
    store.delivery.commit([final(2, 'bounced')], [], []);
    await vi.waitFor(() => expect(store.webhooks.counts('w-1').waiting).toBe(0));
    expect(receiver.posts.map(({ type, message }) => [type, message])).toEqual([
      ['message.bounced', 'c-2.3'],
    ]);
  });

  test('two secrets sign while one takes over from the other', async () => {
    const other = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    const secrets = [
      { text: other, untilMs: null },
      { text: secret, untilMs: Date.now() + 60_000 },
      { text: `whsec_${Buffer.alloc(32, 1).toString('base64')}`, untilMs: Date.now() - 1 },
    ];
    const { store, receiver } = await world(undefined, { secrets });
    openCampaign(store, recipients(1), { name: 'c-1' });
    await receiver.reached(1);
    const [post] = receiver.posts;
    const headers = post?.headers as Record<string, string>;
    for (const each of [other, secret]) {
      expect(() => new Verifier(each).verify(post?.body ?? '', headers)).not.toThrow();
    }
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
  });

  test('an endpoint that is changed, added or removed meanwhile is served as it is now', async () => {
    const { store, receiver } = await world();
    openCampaign(store, recipients(1), { name: 'c-1' });
    await receiver.reached(1);
    const second = await startWebhookReceiver();
    store.webhooks.add(webhook(second.url, { id: 'w-2' }));
    store.webhooks.change('w-1', { types: ['message.bounced'] });
    await second.reached(1);
    store.webhooks.remove('w-2');
    store.delivery.commit([final(1, 'bounced')], [], []);
    await receiver.reached(2);
    expect(receiver.posts[1]?.type).toBe('message.bounced');
    expect(second.posts).toHaveLength(1);
  });

  test('a redirect is a failure, and is not followed', async () => {
    const target = await startWebhookReceiver();
    const { store, receiver } = await world(() => ({ status: 307, headers: { location: target.url } }));
    openCampaign(store, recipients(1), { name: 'c-1' });
    await vi.waitFor(() => expect(store.webhooks.waiting('w-1')[0]?.said).toBe('HTTP 307'));
    expect(receiver.posts).toHaveLength(1);
    expect(target.posts).toHaveLength(0);
  });

  test('what was stopped goes on where it was', async () => {
    const { store, receiver, running } = await world(() => ({ status: 200 }));
    openCampaign(store, recipients(300), { name: 'c-1' });
    await receiver.reached(10);
    await running.stop(1_000);
    const before = receiver.posts.length;
    expect(before).toBeLessThan(300);
    run(store);
    await settled(store);
    expect(receiver.posts).toHaveLength(300);
  });

  test('events of an endpoint that goes back are sent again under their ids', async () => {
    const { store, receiver } = await world();
    openCampaign(store, recipients(5), { name: 'c-1' });
    await settled(store);
    store.webhooks.rewind('w-1', beginning);
    await receiver.reached(10);
    await settled(store);
    const ids = receiver.posts.map(({ id }) => id);
    expect(ids.slice(5).toSorted()).toEqual(ids.slice(0, 5).toSorted());
  });
});
