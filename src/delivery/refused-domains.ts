import type { Outcome } from '../events/index.ts';
import type { DispatcherOptions } from './dispatcher-options.ts';
import type { Domain } from './domains.ts';
import type { MessageRow } from './ports.ts';
import { settle } from './settle.ts';
import type { Attempted } from './settle.ts';
import type { Settled } from './settler.ts';

export type RefusedDomainsOptions = Pick<
  DispatcherOptions,
  'store' | 'reader' | 'retry' | 'clock' | 'random'
> & {
  /** null: the store cannot be read now. */
  readonly read: (work: () => readonly MessageRow[]) => readonly MessageRow[] | null;
  readonly onSettled: (settled: Settled) => void;
  readonly onMissing: (count: number) => void;
};

// Rows settled in one turn: about 1 ms.
const rowsPerTurn = 64;

/** Domains that nothing can be sent to, while messages to them are left. */
export class RefusedDomains {
  readonly #options: RefusedDomainsOptions;
  readonly #refused: { readonly domain: Domain; readonly attempted: Attempted }[] = [];

  constructor(options: RefusedDomainsOptions) {
    this.#options = options;
  }

  get any(): boolean {
    return this.#refused.length > 0;
  }

  add(domain: Domain, outcome: Outcome): void {
    const reading = this.#options.reader.read(outcome, { mxHost: null, domain: domain.name });
    this.#refused.push({ domain, attempted: { outcome, reading } });
  }

  /** Settles a page of the messages of a domain that can never be reached. */
  settleSome(): void {
    const { store, retry, clock, random, read, onSettled, onMissing } = this.#options;
    const [first] = this.#refused;
    if (first === undefined) return;
    const { pending } = first.domain;
    const taken = pending.take(rowsPerTurn);
    const { ids } = taken;
    const rows = read(() => store.messageRows(ids));
    if (rows === null) {
      pending.putBack(taken);
      return;
    }
    if (pending.length === 0) this.#refused.shift();
    onMissing(ids.length - rows.length);
    for (const row of rows) {
      const context = { policy: retry, nowMs: clock.now(), random: random() };
      const { domain, campaignId } = row;
      onSettled({ settlement: settle(row, first.attempted, context), domain, campaignId });
    }
  }
}
