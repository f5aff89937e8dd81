import { expect, test } from 'vitest';
import { deliveryWorld, passTime } from '../../test/support/delivery-world.ts';
import type { DeliveryWorld } from '../../test/support/delivery-world.ts';
import { refusedConnection } from '../../test/support/fake-smtp.ts';
import { openCampaign } from '../../test/support/memory-store.ts';
import type { Flow } from './flow.ts';
import { anyHours } from './sending-hours.ts';
import type { SendingHours } from './sending-hours.ts';
import { isTimezone, parseSendingWindow, windowState } from './sending-window.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zones = ['Asia/Tokyo', 'Europe/Berlin', 'America/New_York'];

type Arrival = { readonly to: string; readonly atMs: number };

/** Servers that defer a third of the first tries, and of which one is away for half a day. */
function world(carriers?: number): DeliveryWorld & { readonly arrivals: Arrival[] } {
  const arrivals: Arrival[] = [];
  const tries = new Map<string, number>();
  const made: DeliveryWorld = deliveryWorld({
    ...(carriers === undefined ? {} : { carriers }),
    roundTripMs: 20_000,
    connection: ({ host }) => {
      const passedMs = made.clock.now() - Date.UTC(2026, 0, 1);
      const isAway = host === 'mx.away.example' && passedMs > 2 * hourMs && passedMs < 14 * hourMs;
      if (isAway) return { kind: 'fail', failure: refusedConnection };
      return {
        kind: 'open',
        answer: ({ to }) => {
          const before = tries.get(to) ?? 0;
          tries.set(to, before + 1);
          if (before === 0 && tries.size % 3 === 0) return { kind: 'reply', code: 451, stage: 'rcpt' };
          arrivals.push({ to, atMs: made.clock.now() });
          return { kind: 'accept' };
        },
      };
    },
  });
  return { ...made, arrivals };
}

const addresses = (count: number, domain: string, zone: string): string[] =>
  Array.from({ length: count }, (_, index) => `m${index}.${zone.replace('/', '_')}@${domain}`);

function zoneOf(address: string): string {
  return zones.find((zone) => address.includes(zone.replace('/', '_'))) ?? '';
}

function accept(made: DeliveryWorld, name: string, change: Parameters<typeof openCampaign>[2] = {}): void {
  const recipients = zones.flatMap((zone) =>
    ['a.example', 'away.example'].flatMap((domain) =>
      addresses(400, domain, zone).map((address) => ({ address, domain, variables: { timezone: zone } })),
    ),
  );
  openCampaign(made.store, recipients, {
    name,
    createdMs: made.clock.now(),
    expiresMs: 9 * dayMs,
    ...change,
  });
}

/** How many minutes something came before its window opened or after it closed; the last answer may be on its way. */
function outside({ to, atMs }: Arrival, text: string): boolean {
  const window = parseSendingWindow(text);
  if (window === null) throw new Error(text);
  const local = { ...window, timezone: zoneOf(to) };
  // What was with the server when the window closed is not taken back: two messages of a slow session, 20 s each.
  return !windowState(local, atMs).isOpen && !windowState(local, atMs - 60_000).isOpen;
}

test.each([[undefined], [2]])(
  'nothing is sent outside its window, in whatever time zone, and all of it inside (%s carriers)',
  { timeout: 60_000 },
  async (carriers) => {
    const made = world(carriers);
    accept(made, 'c-1', { window: '10:00-12:00' });
    const waits: { flow: Flow; opensMs: number }[] = [];
    const listener = {
      committed: () => undefined,
      held: () => undefined,
      trouble: () => undefined,
      waitsForWindow: (flow: Flow, opensMs: number) => waits.push({ flow, opensMs }),
    };
    // Killed in the middle of the first day's window in Tokyo, and again while every window is closed.
    for (const ms of [1.2 * hourMs, 3 * hourMs]) {
      const engine = made.engine({ listener });
      const run = engine.run();
      made.clock.after(ms, () => engine.stop(60_000));
      await passTime(made.clock, run, { mostMs: dayMs });
    }
    const run = made.engine({ listener }).run();
    await passTime(made.clock, run, { mostMs: 9 * dayMs });
    await run;
    expect(made.arrivals.filter((each) => outside(each, '10:00-12:00'))).toEqual([]);
    expect(new Set(made.arrivals.map(({ to }) => to)).size).toBe(2_400);
    expect(made.arrivals).toHaveLength(2_400);
    expect(made.store.ledger().total).toMatchObject({ delivered: 2_400, waiting: 0 });
    expect(new Set(waits.map(({ flow }) => flow.window)).size).toBe(3);
    expect(waits.every(({ opensMs }) => opensMs > Date.UTC(2026, 0, 1))).toBe(true);
    expect(made.clock.pendingTimers - made.smtp.pendingTimers).toBe(0);
  },
);

test('quiet hours hold for bulk mail to those they protect, and for nobody and nothing else', async () => {
  const made = world();
  // Midnight UTC is nine in the morning in Tokyo and seven in the evening in New York.
  const hours: SendingHours = {
    ...anyHours,
    protectedHours: { opens: 12 * 60, closes: 18 * 60 },
    isProtected: (domain) => domain === 'a.example',
  };
  accept(made, 'c-1');
  accept(made, 'c-2', { stream: 'transactional' });
  const run = made.engine({ hours }).run();
  await passTime(made.clock, run, { mostMs: 9 * dayMs });
  await run;
  const bulk = new Set<string>();
  for (const arrival of made.arrivals.toSorted((a, b) => b.atMs - a.atMs)) {
    if (bulk.has(arrival.to)) continue;
    // The later of its two mails is the one of the campaign.
    bulk.add(arrival.to);
    if (arrival.to.endsWith('@a.example')) expect(outside(arrival, '12:00-18:00')).toBe(false);
  }
  const urgentAtNight = made.arrivals.filter(
    (each) => each.to.endsWith('@a.example') && outside(each, '12:00-18:00'),
  );
  expect(urgentAtNight.length).toBeGreaterThan(100);
  expect(made.arrivals).toHaveLength(4_800);
});

test('a time zone that does not exist counts as none', () => {
  expect(isTimezone('Asia/Tokio')).toBe(false);
  expect(isTimezone('../../etc/passwd')).toBe(false);
});
