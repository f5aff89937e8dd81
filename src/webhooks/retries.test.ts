import { describe, expect, onTestFinished, test } from 'vitest';
import { closedAfter } from '../../test/contract/contract-store.ts';
import { final, recipients } from '../../test/contract/samples.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { StorageFull } from '../base/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { beginning } from './position.ts';
import type { Post, Posted } from './post.ts';
import { startWebhooks } from './start-webhooks.ts';
import type { RunningWebhooks } from './start-webhooks.ts';
import type { WebhookStore } from './webhook.ts';

const hour = 3_600_000;

const taken: Posted = { ok: true, status: 204, said: 'HTTP 204', askedWaitMs: null };
const refused: Posted = { ok: false, status: 500, said: 'HTTP 500', askedWaitMs: null };

type Told = { readonly atMs: number; readonly id: string; readonly type: string; readonly message: string };

type World = {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly posts: readonly Told[];
  readonly remarks: readonly string[];
  readonly running: RunningWebhooks;
  answer: (told: Told) => Posted | Promise<Posted>;
};

function world(
  recipientCount: number,
  webhooks: (store: WebhookStore) => WebhookStore = (store) => store,
): World {
  const clock = new FakeClock();
  const store = closedAfter(openStore({ folder: temporaryFolder(), clock, create: true }));
  store.webhooks.add({
    id: 'w-1',
    url: 'https://app.example/',
    description: '',
    types: null,
    domains: null,
    owner: null,
    secrets: [{ text: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', untilMs: null }],
    createdMs: 0,
    pause: null,
    position: beginning,
  });
  openCampaign(store, recipients(recipientCount), { name: 'c-1' });
  const posts: Told[] = [];
  const remarks: string[] = [];
  const startMs = clock.monotonic();
  const post = async ({ headers, body }: Post): Promise<Posted> => {
    const document = JSON.parse(body) as { type: string; data: { message: string } };
    const told = {
      atMs: clock.monotonic() - startMs,
      id: headers['webhook-id'] ?? '',
      type: document.type,
      message: document.data.message,
    };
    posts.push(told);
    return await made.answer(told);
  };
  const running = startWebhooks({
    events: store.events,
    store: webhooks(store.webhooks),
    poster: { post, stop: () => undefined },
    clock,
    random: () => 0.5,
    remark: ({ en }) => void remarks.push(en),
    onPosted: () => undefined,
  });
  stopAfter(running, clock);
  const made: World = { clock, store, posts, remarks, running, answer: () => taken };
  return made;
}

/** Requests that a test leaves open end with the grace, which passes when the clock says so. */
function stopAfter(running: RunningWebhooks, clock: FakeClock): void {
  onTestFinished(async () => {
    const stopped = running.stop(0);
    await clock.advance(1_000);
    await stopped;
  });
}

describe('an endpoint that fails', () => {
  test('an event is tried for three days at growing distances, then given up, and can be sent again', async () => {
    const made = world(1);
    const { clock, store, posts } = made;
    made.answer = () => refused;
    await clock.advance(80 * hour);
    const hours = posts.map(({ atMs }) => Math.round((atMs / hour) * 100) / 100);
    expect(hours[0]).toBe(0);
    expect(hours.at(-1)).toBe(72);
    expect(hours.length).toBeGreaterThan(10);
    expect(new Set(posts.map(({ id }) => id)).size).toBe(1);
    expect(store.webhooks.counts('w-1')).toEqual({ waiting: 0, dead: 1 });
    expect(store.webhooks.dead('w-1', 10)).toMatchObject([{ attempts: posts.length, said: 'HTTP 500' }]);
    made.answer = () => taken;
    const before = posts.length;
    expect(store.webhooks.revive('w-1')).toBe(1);
    await clock.advance(100);
    expect(posts).toHaveLength(before + 1);
    expect(posts.at(-1)?.id).toBe(posts[0]?.id);
    expect(store.webhooks.counts('w-1')).toEqual({ waiting: 0, dead: 0 });
  });

  test('what is given up lets the next event of its message go', async () => {
    const made = world(1);
    const { clock, store, posts } = made;
    made.answer = ({ type }) => (type === 'message.accepted' ? refused : taken);
    store.delivery.commit([final(1, 'delivered')], [], []);
    await clock.advance(71 * hour);
    expect(posts.some(({ type }) => type === 'message.delivered')).toBe(false);
    await clock.advance(2 * hour);
    expect(posts.at(-1)?.type).toBe('message.delivered');
    expect(store.webhooks.counts('w-1')).toEqual({ waiting: 0, dead: 1 });
  });

  test('one message that fails holds up no other', async () => {
    const made = world(200);
    const { clock, posts } = made;
    made.answer = ({ message }) => (message === 'c-1.1' ? refused : taken);
    await clock.advance(1_000);
    expect(new Set(posts.map(({ message }) => message)).size).toBe(200);
    expect(posts).toHaveLength(200);
  });

  test('it is left alone after many failures, says why and until when, and is asked with one event', async () => {
    const made = world(500);
    const { clock, store, posts } = made;
    made.answer = () => refused;
    await clock.advance(9_000);
    const few = posts.length;
    expect(few).toBeLessThan(100);
    const [paused] = store.webhooks.list();
    expect(paused?.pause).toMatchObject({ because: 'endpoint-failing', said: 'HTTP 500', times: 1 });
    expect(paused?.pause?.untilMs).toBeGreaterThan(clock.now());
    await clock.advance(6 * hour);
    // A pause of at most an hour, one event each.
    expect(posts.length - few).toBeLessThan(30);
    const again = store.webhooks.list()[0]?.pause;
    expect(again?.times).toBeGreaterThan(5);
    made.answer = () => taken;
    await clock.advance(hour + 1_000);
    expect(store.webhooks.list()[0]?.pause).toBeNull();
    expect(store.webhooks.counts('w-1')).toEqual({ waiting: 0, dead: 0 });
    expect(new Set(posts.map(({ id }) => id)).size).toBe(500);
  });

  test('a person can end the pause', async () => {
    const made = world(100);
    const { clock, store, posts } = made;
    made.answer = () => refused;
    await clock.advance(3 * hour);
    made.answer = () => taken;
    const before = posts.length;
    expect(store.webhooks.resume('w-1')).toBe(true);
    await clock.advance(100);
    expect(posts.length).toBeGreaterThan(before);
  });

  test('Retry-After is kept to, up to an hour', async () => {
    const made = world(100);
    const { clock, store, posts } = made;
    made.answer = () => ({ ...refused, status: 429, askedWaitMs: 600_000 });
    await clock.advance(599_000);
    const first = posts.length;
    expect(first).toBeLessThanOrEqual(32);
    expect(store.webhooks.list()[0]?.pause?.because).toBe('asked-to-wait');
    made.answer = () => taken;
    await clock.advance(2_000);
    expect(new Set(posts.map(({ id }) => id)).size).toBe(100);
    made.answer = () => ({ ...refused, status: 503, askedWaitMs: 900 * hour });
    store.delivery.commit([final(1, 'delivered')], [], []);
    await clock.advance(hour + 60_000);
    expect(store.webhooks.list()[0]?.pause?.times).toBeGreaterThanOrEqual(2);
  });

  test('410 rests for a day', async () => {
    const made = world(40);
    const { clock, store, posts } = made;
    made.answer = () => ({ ...refused, status: 410 });
    await clock.advance(23 * hour);
    expect(posts.length).toBeLessThanOrEqual(32);
    expect(store.webhooks.list()[0]?.pause?.because).toBe('endpoint-gone');
  });

  test('a pause outlives the process', async () => {
    const made = world(100);
    const { clock, store, posts, running } = made;
    made.answer = () => refused;
    await clock.advance(2 * hour);
    const stopped = running.stop(0);
    await clock.advance(1_000);
    await stopped;
    const before = posts.length;
    const again = startWebhooks({
      events: store.events,
      store: store.webhooks,
      poster: {
        post: async () => made.answer({ atMs: 0, id: '', type: '', message: '' }),
        stop: () => undefined,
      },
      clock,
      random: () => 0.5,
      remark: () => undefined,
      onPosted: () => void (made.posts as Told[]).push({ atMs: 0, id: '', type: '', message: '' }),
    });
    stopAfter(again, clock);
    await clock.advance(1_000);
    expect(posts).toHaveLength(before);
    await clock.advance(hour);
    expect(posts.length).toBeGreaterThan(before);
  });
});

describe('a disk that is full', () => {
  test('nothing is lost or told twice, and little is handed over meanwhile', async () => {
    let full = true;
    const made = world(1_000, (store) => ({
      ...store,
      get version() {
        return store.version;
      },
      progress(steps) {
        if (full) throw new StorageFull('full', { code: 'x', message: { ja: '満杯', en: 'full' } });
        store.progress(steps);
      },
    }));
    const { clock, posts, remarks, store } = made;
    await clock.advance(60_000);
    expect(posts).toHaveLength(128);
    expect(remarks).toEqual(['full']);
    full = false;
    await clock.advance(5_000);
    expect(posts).toHaveLength(1_000);
    expect(new Set(posts.map(({ id }) => id)).size).toBe(1_000);
    expect(store.webhooks.counts('w-1')).toEqual({ waiting: 0, dead: 0 });
  });
});
