import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CampaignStore } from '../../src/campaigns/index.ts';
import type { DeliveryStore, Settlement } from '../../src/delivery/index.ts';
import { memoryStore } from '../support/memory-store.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import type { ContractStore, MakeStore } from './contract-store.ts';
import type { ReturnedStore } from '../../src/storage/sqlite/index.ts';
import { bounce, deferred, final, recipients, startMs, waitingIds } from './samples.ts';

// Only what waits can be cancelled by a campaign's end, and only what is accepted be suppressed: those two states
// come from their own steps.
const endings = ['delivered', 'bounced', 'expired', 'deferred'] as const;

type Step =
  | { readonly does: 'prepare'; readonly sizes: readonly number[] }
  | { readonly does: 'suppress'; readonly nth: number }
  | { readonly does: 'open' | 'discard' | 'cancel'; readonly nth: number }
  | { readonly does: 'commit'; readonly picks: readonly { nth: number; ending: (typeof endings)[number] }[] }
  | { readonly does: 'repeat'; readonly nth: number }
  | { readonly does: 'return'; readonly nth: number; readonly news: (typeof news)[number] }
  | { readonly does: 'finish' };

// Bounces before and after the delivery they speak of, of which some are forged, and what must change nothing.
const news = [
  { kind: 'bounced-later', trusted: true, atMs: startMs },
  { kind: 'bounced-later', trusted: true, atMs: startMs + 2_000 },
  { kind: 'bounced-later', trusted: false, atMs: startMs + 2_000 },
  { kind: 'complained', trusted: true, atMs: startMs + 2_000 },
  { kind: 'delay-notice', trusted: true, atMs: startMs + 2_000 },
] as const;

const nth = fc.nat(1_000);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('prepare' as const),
      sizes: fc.array(fc.nat(6), { maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('open' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('discard' as const, 'cancel' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('suppress' as const), nth }) },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('commit' as const),
      picks: fc.array(fc.record({ nth, ending: fc.constantFrom(...endings) }), { maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('repeat' as const), nth }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('return' as const), nth, news: fc.constantFrom(...news) }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'finish' as const }) },
);

type Side = {
  readonly campaigns: CampaignStore;
  readonly delivery: DeliveryStore;
  readonly returned: ReturnedStore;
  suppress(address: string): void;
  /** Ids by address of all that was ever seen waiting: ids differ between the sides, addresses do not. */
  readonly seen: Map<string, number>;
};

function side(store: Pick<Side, 'campaigns' | 'delivery' | 'returned' | 'suppress'>): Side {
  return { ...store, seen: new Map() };
}

function pick<T>(items: readonly T[], at: number): T | undefined {
  return items[at % Math.max(1, items.length)];
}

/** Does one step; answers what the store said, which must be the same on both sides. */
function take(step: Step, on: Side, at: number): unknown {
  switch (step.does) {
    case 'prepare':
      return prepare(on, step.sizes, at);
    case 'suppress':
      return on.suppress(`r${step.nth % 40}-${step.nth % 5}@d${(step.nth % 5) % 3}.example`);
    case 'open':
    case 'discard': {
      const campaign = pick(on.campaigns.withState('preparing'), step.nth);
      return campaign === undefined ? null : on.campaigns[step.does](campaign.id);
    }
    case 'cancel': {
      const campaign = pick(on.campaigns.withState('open'), step.nth);
      return campaign === undefined ? null : on.campaigns.cancel(campaign.id, startMs);
    }
    case 'commit':
      return on.delivery.commit(settlements(on, step.picks), [], []);
    case 'repeat': {
      const id = pick([...on.seen.values()], step.nth);
      return id === undefined ? null : on.delivery.commit([final(id, 'delivered')], [], []);
    }
    case 'return': {
      const found = pick(
        [...on.seen.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)),
        step.nth,
      );
      const { kind, atMs } = step.news;
      return found === undefined
        ? null
        : on.returned.take([
            bounce(found[1], {
              ...step.news,
              recipient: found[0],
              digest: `${kind} ${atMs}`,
              hardBounce: false,
            }),
          ]);
    }
    case 'finish':
      return on.campaigns.finishDone().map(({ name }) => name);
  }
}

function prepare(on: Side, sizes: readonly number[], at: number): unknown {
  const { id } = on.campaigns.create({
    name: `c-${at}`,
    content: { from: 'a@s.example', replyTo: null, subject: 's', html: null, text: null, defaults: {} },
    domain: 's.example',
    createdMs: startMs,
    expiresMs: 1_000,
  });
  return sizes.map((size, batch) => on.campaigns.addRecipients(id, recipients(size, `r${at}-`).slice(batch)));
}

function settlements(
  on: Side,
  picks: readonly { nth: number; ending: (typeof endings)[number] }[],
): Settlement[] {
  for (const row of on.delivery.messageRows(waitingIds(on.delivery))) {
    if (!on.seen.has(row.address)) on.seen.set(row.address, row.id);
  }
  const waiting = new Set(waitingIds(on.delivery));
  const known = [...on.seen.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .filter(([, id]) => waiting.has(id));
  return picks.flatMap(({ nth: at, ending }) => {
    const id = pick(known, at)?.[1];
    if (id === undefined) return [];
    return [ending === 'deferred' ? deferred(id, 1) : final(id, ending)];
  });
}

function picture(on: Side, ledger: ReturnType<MemoryStore['ledger']>): unknown {
  return {
    ledger,
    waitingCount: on.delivery.waitingCount(),
    waiting: on.delivery
      .messageRows(waitingIds(on.delivery))
      .map(({ address }) => address)
      .toSorted(),
  };
}

/** The equation, whatever happens: compared with the plain model after every step. */
export function ledgerContract(makeStore: MakeStore<ContractStore>): void {
  describe('ledger', () => {
    test('adds up after any sequence of steps, as in the model', () => {
      fc.assert(
        fc.property(fc.array(anyStep, { maxLength: 25 }), (steps) => {
          const store = makeStore();
          const model = memoryStore();
          const real = side({
            ...store,
            suppress: (address) =>
              void store.suppressions.add([
                { address, reason: 'manual', source: 'cli', atMs: startMs, note: '' },
              ]),
          });
          const plain = side(model);
          steps.forEach((step, at) => {
            expect(take(step, real, at)).toEqual(take(step, plain, at));
            const ledger = store.reports.ledger();
            expect(ledger.faults).toEqual([]);
            expect(picture(real, ledger)).toEqual(picture(plain, model.ledger()));
          });
          store.close();
        }),
        { numRuns: 60 },
      );
    });
  });
}
