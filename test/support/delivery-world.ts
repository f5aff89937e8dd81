import { StorageFull } from '../../src/base/index.ts';
import { Carrier, Engine } from '../../src/delivery/index.ts';
import type {
  CarrierEvents,
  CarrierPort,
  Composer,
  ConnectCarrier,
  DeliveryStore,
  EngineOptions,
  PathHold,
  Reader,
  Router,
  Settled,
} from '../../src/delivery/index.ts';
import { makeSite } from '../../src/delivery/site.ts';
import type { Resolver } from '../../src/net/dns/index.ts';
import { defaultTimeouts } from '../../src/net/smtp-client/index.ts';
import type { DialOptions } from '../../src/net/smtp-client/index.ts';
import { FakeClock, settlePromises } from './fake-clock.ts';
import { fakeSmtp } from './fake-smtp.ts';
import type { FakeConnection, FakeSmtp } from './fake-smtp.ts';
import { memoryStore, openCampaign } from './memory-store.ts';
import type { MemoryStore } from './memory-store.ts';

/** An engine on a memory store, with scripted servers and a clock that stands still. */
export type DeliveryWorld = {
  readonly clock: FakeClock;
  readonly store: MemoryStore;
  readonly smtp: FakeSmtp;
  readonly committed: Settled[];
  readonly held: PathHold[];
  readonly troubles: unknown[];
  /** One that starts on what the store holds; several in turn are restarts. */
  engine(change?: Partial<EngineOptions>): Engine;
  /** Opens a campaign with one message per address; their domain is what stands behind the @. */
  accept(addresses: readonly string[], lifetimeMs?: number): void;
};

export const disk = new StorageFull('full', {
  code: 'storage-full',
  message: { ja: '空きがありません', en: 'no room' },
});

const composer: Composer = {
  compose: (message) => ({
    bytes: Buffer.from(`To: ${message.address}\r\n\r\nhello\r\n`),
    messageId: `<${message.id}@sender.example>`,
    returnPath: 'bounce@sender.example',
    dotSafe: true,
    eightBit: false,
    smtpUtf8: false,
  }),
};

/** 421 means "too fast" when `speeding` says so; everything else has no verdict. */
export function plainReader(speeding = false): Reader {
  return {
    read(outcome) {
      const tooFast = speeding && outcome.origin === 'remote' && outcome.reply.code === 421;
      return { verdict: tooFast ? 'speeding' : null, detail: null, rule: null, confidence: 1 };
    },
  };
}

/** Every domain has one host of its own, `mx.<domain>`. */
export const ownHosts: Router = (domain) =>
  Promise.resolve({
    kind: 'site',
    site: makeSite([{ host: `mx.${domain}`, port: 25, preference: 10 }]),
    untilMs: Number.POSITIVE_INFINITY,
  });

/** Every host has one address. */
export const oneAddress: Resolver = {
  a: () => Promise.resolve({ kind: 'found', records: ['192.0.2.1'], ttlSeconds: 60, authenticated: false }),
  aaaa: () => Promise.resolve({ kind: 'nodata', ttlSeconds: 60, authenticated: false }),
  mx: () => Promise.resolve({ kind: 'nodata', ttlSeconds: 60, authenticated: false }),
  txt: () => Promise.resolve({ kind: 'nodata', ttlSeconds: 60, authenticated: false }),
  ptr: () => Promise.resolve({ kind: 'nodata', ttlSeconds: 60, authenticated: false }),
  tlsa: () => Promise.resolve({ kind: 'nodata', ttlSeconds: 60, authenticated: false }),
  cname: () => Promise.resolve({ kind: 'nodata', ttlSeconds: 60, authenticated: false }),
  close: () => undefined,
};

export type WorldOptions = {
  readonly connection: (options: DialOptions) => FakeConnection;
  readonly router?: Router;
  readonly reader?: Reader;
  readonly roundTripMs?: number;
  /** To open a connection; left out: a round trip. */
  readonly dialMs?: number;
  /** So many carriers behind message ports; left out: one beside the dispatcher. */
  readonly carriers?: number;
  /** What the engine sees of the store. */
  readonly wrap?: (delivery: DeliveryStore) => DeliveryStore;
};

export function deliveryWorld(options: WorldOptions): DeliveryWorld {
  const clock = new FakeClock();
  const store = memoryStore();
  const roundTripMs = options.roundTripMs ?? 10;
  const dialMs = options.dialMs ?? roundTripMs;
  const smtp = fakeSmtp({ clock, roundTripMs, dialMs, connection: options.connection });
  const committed: Settled[] = [];
  const held: PathHold[] = [];
  const troubles: unknown[] = [];
  let campaigns = 0;
  return {
    clock,
    store,
    smtp,
    committed,
    held,
    troubles,
    engine(change = {}) {
      const settings = {
        store: options.wrap?.(store.delivery) ?? store.delivery,
        composer,
        reader: options.reader ?? plainReader(),
        router: options.router ?? ownHosts,
        resolver: oneAddress,
        dial: smtp.dial,
        clock,
        random: () => 0.5,
        sources: [{ ip: null, hostname: 'client.example' }],
        retry: { firstMs: 15_000, longestMs: 600_000, unknownMax: 3 },
        mostSessions: 5,
        messagesPerSession: 100,
        settings: { tls: { mode: 'none', context: null }, timeouts: defaultTimeouts, clock },
        isPassing: (error) => error instanceof StorageFull,
        listener: {
          committed: (batch) => committed.push(...batch),
          held: (hold) => held.push(hold),
          trouble: (error) => troubles.push(error),
        },
        ...change,
      } satisfies EngineOptions;
      if (options.carriers === undefined) return new Engine(settings);
      const connect = behindPort((events) => new Carrier({ ...settings, rows: settings.store, events }));
      return new Engine({ ...settings, carriers: Array.from({ length: options.carriers }, () => connect) });
    },
    accept(addresses, lifetimeMs = 3_600_000) {
      const recipients = addresses.map((address) => ({
        address,
        domain: address.slice(address.indexOf('@') + 1),
        variables: {},
      }));
      const facts = { createdMs: clock.now(), expiresMs: lifetimeMs };
      openCampaign(store, recipients, { name: `c-${(campaigns += 1)}`, ...facts });
    },
  };
}

/** A carrier as behind a message port: every call comes a turn later, and only what can be cloned comes. */
function behindPort(make: ConnectCarrier): ConnectCarrier {
  const post = (call: () => void): void => void setImmediate(call);
  return (events) => {
    const there: CarrierEvents = {
      settled: (batch) => post(() => events.settled(structuredClone(batch))),
      missing: (count) => post(() => events.missing(count)),
      closed: (returned) => post(() => events.closed(structuredClone(returned))),
      held: (hold, shared) => post(() => events.held(structuredClone(hold), structuredClone(shared))),
      released: (hold) => post(() => events.released(structuredClone(hold))),
      limited: (site) => post(() => events.limited(site)),
      wayFailed: (failure) => post(() => events.wayFailed(structuredClone(failure))),
      paced: (report) => post(() => events.paced(structuredClone(report))),
      stopped: () => post(() => events.stopped()),
      failed: (error) => post(() => events.failed(error)),
    };
    const carrier = make(there);
    const here: CarrierPort = {
      assign: (batch) => post(() => carrier.assign(structuredClone(batch))),
      retire: (site) => post(() => carrier.retire(site)),
      share: (shared) => post(() => carrier.share(structuredClone(shared))),
      suspend: (stops) => post(() => carrier.suspend(structuredClone(stops))),
      lift: (targets) => post(() => carrier.lift(structuredClone(targets))),
      slowDown: (target, factor) => post(() => carrier.slowDown(structuredClone(target), factor)),
      acknowledge: (count) => post(() => carrier.acknowledge(count)),
      pause: () => post(() => carrier.pause()),
      resume: () => post(() => carrier.resume()),
      stop: (graceMs) => post(() => carrier.stop(graceMs)),
    };
    return here;
  };
}

// Between two timers the engine finishes what it does in turns of the event loop; so many are enough for a few messages.
const turnsBetweenTimers = 12;

/**
 * Lets time pass, from timer to timer, until `work` is over; fails after `mostMs` or when nothing would ever happen.
 * With `turns` 1 time is in a hurry: timers overtake work that is under way, as on a machine with too much to do.
 */
export async function passTime(
  clock: FakeClock,
  work: Promise<unknown>,
  { mostMs, turns = turnsBetweenTimers }: { readonly mostMs: number; readonly turns?: number },
): Promise<void> {
  const state = { over: false };
  const end = (): void => {
    state.over = true;
  };
  const watched = work.then(end, end);
  const endMs = clock.monotonic() + mostMs;
  // Work goes on in turns of the event loop, without timers; so many turns without one mean that nothing is left.
  for (let idleTurns = 0; !state.over && idleTurns < 500; idleTurns++) {
    for (let turn = 0; turn < turns; turn++) await settlePromises();
    const next = clock.nextTimerMs;
    if (state.over || next === null) continue;
    if (next > endMs) throw new Error(`not over after ${mostMs} ms`);
    idleTurns = 0;
    await clock.advance(next - clock.monotonic());
  }
  if (!state.over) throw new Error('stands still');
  await watched;
}
