import type { DeliveryStore, OpenCampaign, QueuedMessage } from './ports.ts';

// A page costs about 5 ms: short enough to keep sockets served, long enough to be cheap per id.
const pageLength = 2_000;
// Of small campaigns, so many are read in one turn; each costs a query, 20 µs.
const mostCampaignsAtOnce = 50;

/** A campaign that is being read: everything up to `afterId` was. */
type Reading = { readonly campaign: OpenCampaign; afterId: number };

/** A page, and the campaign that each message belongs to. */
export type FeedPage = readonly { readonly queued: QueuedMessage; readonly campaign: OpenCampaign }[];

/**
 * Reads the ids of all unsettled messages, a page a turn: first what is transactional, then the campaigns in turn, so that a
 * small one does not wait until a million ids of another are read.
 */
export class Feed {
  readonly #store: DeliveryStore;
  #transactional: Reading[] = [];
  #bulk: Reading[] = [];
  /** Opened since the last page; null: all of them, at the beginning. */
  #opened: number[] | null = null;

  constructor(store: DeliveryStore) {
    this.#store = store;
  }

  /** true when everything was read. */
  get exhausted(): boolean {
    return this.#opened?.length === 0 && this.#transactional.length + this.#bulk.length === 0;
  }

  /** true when transactional messages may wait to be read. */
  get urgent(): boolean {
    return this.#transactional.length > 0 || (this.#opened !== null && this.#opened.length > 0);
  }

  /** false: nothing was read yet, and everything that is stored by then will be. */
  get begun(): boolean {
    return this.#opened !== null;
  }

  /** Campaigns that were opened after the feed began; before the first page they are found with all others. */
  add(campaignIds: readonly number[]): void {
    this.#opened?.push(...campaignIds);
  }

  /** The next page, empty at the end; may throw what the store throws, and then goes on where it was. */
  next(): FeedPage {
    this.#findOpened();
    return this.#transactional.length > 0 ? this.#read(this.#transactional) : this.#read(this.#bulk);
  }

  #findOpened(): void {
    if (this.#opened?.length === 0) return;
    const found =
      this.#opened === null ? this.#store.openCampaigns() : this.#store.openCampaigns(this.#opened);
    this.#opened = [];
    for (const campaign of found) {
      const readings = campaign.stream === 'transactional' ? this.#transactional : this.#bulk;
      readings.push({ campaign, afterId: 0 });
    }
  }

  #read(readings: Reading[]): FeedPage {
    const page: { queued: QueuedMessage; campaign: OpenCampaign }[] = [];
    for (let reads = 0; reads < mostCampaignsAtOnce && page.length < pageLength; reads++) {
      const [reading] = readings;
      if (reading === undefined) break;
      const { campaign } = reading;
      const { lastId } = campaign;
      const room = pageLength - page.length;
      // Whoever fills a page alone shares nothing of this turn: the next one is another campaign's.
      const found = this.#pageOf(reading, { room, isFirst: page.length === 0 });
      if (found === null) break;
      readings.shift();
      // What is stored since is told of as it comes (`Engine.arrived`).
      const own = found.filter(({ id }) => id <= lastId);
      for (const queued of own) page.push({ queued, campaign });
      reading.afterId = own.at(-1)?.id ?? reading.afterId;
      if (own.length === room) readings.push(reading);
    }
    return page;
  }

  /** null: the store could not be read, and what was read before in this turn is handed over first. */
  #pageOf(
    { campaign, afterId }: Reading,
    { room, isFirst }: { readonly room: number; readonly isFirst: boolean },
  ): readonly QueuedMessage[] | null {
    try {
      return this.#store.queuedPage(afterId, room, campaign.id);
    } catch (error) {
      // The next turn asks again and hears it first.
      if (isFirst) throw error;
      return null;
    }
  }
}
