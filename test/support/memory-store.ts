import { isKnownWait } from '../../src/delivery/why-waiting.ts';
import { suppressionKey } from '../../src/contacts/index.ts';
import type {
  Campaign,
  CampaignState,
  CampaignStore,
  Ledger,
  NewRecipient,
} from '../../src/campaigns/index.ts';
import { parseSendingWindow } from '../../src/delivery/index.ts';
import type {
  DeliveryStore,
  MessageRow,
  OpenCampaign,
  PathHold,
  QueuedMessage,
  Settlement,
} from '../../src/delivery/index.ts';
import type {
  FinalState,
  MessageEvent,
  MessageState,
  ReturnedEvent,
  ReturnedTaken,
  Waiting,
} from '../../src/events/index.ts';

type Message = {
  readonly id: number;
  /** As it was while its recipients were added. */
  readonly campaign: Campaign;
  readonly recipient: NewRecipient;
  state: MessageState;
  waiting: Waiting | null;
  attempts: number;
  unknowns: number;
  readonly events: MessageEvent[];
  readonly returned: ReturnedEvent[];
};

/** What the fake shows of a message, for assertions. */
export type MemoryMessage = Omit<Readonly<Message>, 'events' | 'returned'> & {
  readonly events: readonly MessageEvent[];
  readonly returned: readonly ReturnedEvent[];
};

export type MemoryStore = {
  readonly campaigns: CampaignStore;
  readonly delivery: DeliveryStore;
  readonly returned: { take(batch: readonly ReturnedEvent[]): ReturnedTaken };
  ledger(): Ledger;
  /** null for an id that is unknown. */
  message(id: number): MemoryMessage | null;
  holds(): readonly PathHold[];
  suppress(address: string): void;
  /** A message more in a campaign that is open, as applications' mail comes; gives its id. */
  add(campaignId: number, recipient: NewRecipient, notBeforeMs: number): number;
  /** While not null, `addRecipients` and `commit` throw it and change nothing: a full disk. */
  failWith(error: Error | null): void;
};

type Rows = {
  readonly campaigns: Map<number, Campaign>;
  /** In id order: ids only grow. */
  readonly messages: Map<number, Message>;
  readonly holds: Map<string, PathHold>;
  readonly suppressed: Set<string>;
  failure: Error | null;
  lastCampaignId: number;
  lastMessageId: number;
};

/**
 * The plainest thing that keeps the promises of DeliveryStore and CampaignStore: maps in memory, nothing durable.
 * The engine's unit tests run on it, and the property test of the real stores compares with it.
 */
export function memoryStore(): MemoryStore {
  const rows: Rows = {
    campaigns: new Map(),
    messages: new Map(),
    holds: new Map(),
    suppressed: new Set(),
    failure: null,
    lastCampaignId: 0,
    lastMessageId: 0,
  };
  return {
    campaigns: memoryCampaigns(rows),
    delivery: memoryDelivery(rows),
    returned: { take: (batch) => takeReturned(rows, batch) },
    ledger: () => ledgerOf(rows),
    message: (id) => rows.messages.get(id) ?? null,
    holds: () => [...rows.holds.values()],
    suppress: (address) => void rows.suppressed.add(suppressionKey(address)),
    add(campaignId, recipient, notBeforeMs) {
      const campaign = rows.campaigns.get(campaignId);
      if (campaign?.state !== 'open') throw new Error(`campaign ${campaignId} is not open`);
      const message = addMessage(rows, campaign, recipient);
      if (notBeforeMs > 0) message.waiting = { because: 'scheduled', untilMs: notBeforeMs };
      return message.id;
    },
    failWith(error) {
      rows.failure = error;
    },
  };
}

/** An open campaign with these recipients: the shortest way to something that can be sent. */
export function openCampaign(
  store: { readonly campaigns: CampaignStore },
  recipients: readonly NewRecipient[],
  facts: Partial<Omit<Campaign, 'id' | 'state'>> = {},
): Campaign {
  const campaign = store.campaigns.create({
    name: 'c-test',
    content: {
      from: 'Todoku <news@sender.example>',
      replyTo: null,
      subject: 'Hello',
      html: null,
      text: { name: 'hello.txt', source: 'Hello {{ email }}' },
      defaults: {},
    },
    domain: 'sender.example',
    createdMs: Date.UTC(2026, 0, 1),
    expiresMs: 5 * 24 * 60 * 60 * 1000,
    ...facts,
  });
  store.campaigns.addRecipients(campaign.id, recipients);
  store.campaigns.open(campaign.id);
  return { ...campaign, state: 'open' };
}

function memoryCampaigns(rows: Rows): CampaignStore {
  const setState = (id: number, from: CampaignState, to: CampaignState): Campaign => {
    const campaign = rows.campaigns.get(id);
    if (campaign?.state !== from) throw new Error(`campaign ${id} is not ${from}`);
    const changed = { ...campaign, state: to };
    rows.campaigns.set(id, changed);
    return changed;
  };
  return {
    create(facts) {
      if ([...rows.campaigns.values()].some((campaign) => campaign.name === facts.name)) {
        throw new Error(`campaign ${facts.name} exists`);
      }
      rows.lastCampaignId += 1;
      const campaign: Campaign = { ...facts, id: rows.lastCampaignId, state: 'preparing' };
      rows.campaigns.set(campaign.id, campaign);
      return campaign;
    },
    addRecipients(campaignId, batch) {
      if (rows.failure !== null) throw rows.failure;
      const campaign = rows.campaigns.get(campaignId);
      if (campaign?.state !== 'preparing') throw new Error(`campaign ${campaignId} is not preparing`);
      let suppressed = 0;
      for (const recipient of batch) {
        const message = addMessage(rows, campaign, recipient);
        if (message.state === 'suppressed') suppressed += 1;
      }
      return { accepted: batch.length, suppressed };
    },
    open: (id) => void setState(id, 'preparing', 'open'),
    discard(id) {
      if (rows.campaigns.get(id)?.state !== 'preparing') throw new Error(`campaign ${id} is not preparing`);
      for (const message of messagesOf(rows, id)) rows.messages.delete(message.id);
      rows.campaigns.delete(id);
    },
    cancel(id, atMs) {
      setState(id, 'open', 'cancelled');
      const waiting = messagesOf(rows, id).filter((message) => message.state === 'waiting');
      for (const message of waiting) settleWithout(message, 'cancelled', atMs);
      return { cancelled: waiting.length };
    },
    byName: (name) => [...rows.campaigns.values()].find((campaign) => campaign.name === name) ?? null,
    byId: (id) => rows.campaigns.get(id) ?? null,
    withState: (state) => [...rows.campaigns.values()].filter((campaign) => campaign.state === state),
    finishDone() {
      const open = [...rows.campaigns.values()].filter((campaign) => campaign.state === 'open');
      return open
        .filter((campaign) => messagesOf(rows, campaign.id).every((message) => message.state !== 'waiting'))
        .map((campaign) => setState(campaign.id, 'open', 'finished'));
    },
  };
}

function addMessage(rows: Rows, campaign: Campaign, recipient: NewRecipient): Message {
  rows.lastMessageId += 1;
  const message: Message = {
    id: rows.lastMessageId,
    campaign,
    recipient,
    state: 'waiting',
    waiting: null,
    attempts: 0,
    unknowns: 0,
    events: [],
    returned: [],
  };
  rows.messages.set(message.id, message);
  if (rows.suppressed.has(suppressionKey(recipient.address))) {
    settleWithout(message, 'suppressed', campaign.createdMs);
  }
  return message;
}

/** Settles a message that no attempt was made for. */
function settleWithout(message: Message, state: 'suppressed' | 'cancelled', atMs: number): void {
  message.state = state;
  message.waiting = null;
  message.events.push({
    messageId: message.id,
    atMs,
    kind: state,
    outcome: null,
    reading: { verdict: null, detail: null, rule: `local:${state}`, confidence: 1 },
  });
}

function messagesOf(rows: Rows, campaignId: number): Message[] {
  return [...rows.messages.values()].filter((message) => message.campaign.id === campaignId);
}

function memoryDelivery(rows: Rows): DeliveryStore {
  const unsettled = (): Message[] =>
    [...rows.messages.values()].filter(
      (message) => message.state === 'waiting' && rows.campaigns.get(message.campaign.id)?.state === 'open',
    );
  return {
    openCampaigns: (ids) =>
      [...rows.campaigns.values()]
        .filter(({ id, state }) => state === 'open' && (ids?.includes(id) ?? true))
        .map((campaign) => openCampaignOf(rows, campaign)),
    queuedPage: (afterId, limit, campaignId) =>
      unsettled()
        .filter((message) => campaignId === undefined || message.campaign.id === campaignId)
        .filter((message) => message.id > afterId)
        .slice(0, limit)
        .map(queued),
    messageRows(ids) {
      const left = new Map(unsettled().map((message) => [message.id, message]));
      return ids.flatMap((id) => left.get(id) ?? []).map(messageRow);
    },
    commit(settlements, holds, releases) {
      if (rows.failure !== null) throw rows.failure;
      for (const { event } of settlements) {
        if (!rows.messages.has(event.messageId)) throw new Error(`no message ${event.messageId}`);
      }
      for (const { event, next } of settlements)
        if (next.state === 'waiting') expectTold(next.waiting, event.atMs);
      for (const hold of holds) expectTold(hold, 0);
      let dropped = 0;
      for (const settlement of settlements) if (!settle(rows, settlement)) dropped += 1;
      for (const release of releases) rows.holds.delete(holdKey(release));
      for (const hold of holds) rows.holds.set(holdKey(hold), hold);
      return { dropped };
    },
    waitingCount: () => unsettled().length,
  };
}

/** The invariant of every run: what is not at its end names a reason that people have words for, and an end ahead. */
function expectTold({ because, untilMs }: Pick<PathHold, 'because' | 'untilMs'>, sinceMs: number): void {
  if (!isKnownWait(because))
    throw new Error(`something waits because of “${because}”, which nobody can read`);
  if (!Number.isFinite(untilMs) || untilMs < sinceMs)
    throw new Error(`something waits because of ${because} until ${untilMs}, which never comes`);
}

/** false when the message is final already. */
function settle(rows: Rows, { event, next }: Settlement): boolean {
  const message = rows.messages.get(event.messageId);
  if (message === undefined || message.state !== 'waiting') return false;
  message.events.push(event);
  const beganMs = event.atMs - (event.outcome?.durationMs ?? 0);
  const cameBack = message.returned.some((news) => isLateBounce(news) && news.atMs >= beganMs);
  message.state = next.state === 'delivered' && cameBack ? 'bounced' : next.state;
  message.waiting = next.state === 'waiting' ? next.waiting : null;
  if (next.state === 'waiting') {
    message.attempts = next.attempts;
    message.unknowns = next.unknowns;
  }
  return true;
}

/** News alone: what it suppresses is the business of the real stores' own suite. */
function takeReturned(rows: Rows, batch: readonly ReturnedEvent[]): ReturnedTaken {
  let duplicates = 0;
  for (const news of batch) {
    const message = rows.messages.get(news.messageId ?? 0);
    if (message === undefined) throw new Error(`no message ${news.messageId}`);
    const isKnown = message.returned.some(({ digest, kind }) => digest === news.digest && kind === news.kind);
    if (isKnown) duplicates += 1;
    else {
      message.returned.push(news);
      if (isLateBounce(news) && message.state === 'delivered') message.state = 'bounced';
    }
  }
  return { taken: batch.length - duplicates, duplicates, unmatched: 0 };
}

function isLateBounce(news: ReturnedEvent): boolean {
  return news.kind === 'bounced-later' && news.trusted;
}

function holdKey(hold: PathHold): string {
  return JSON.stringify([hold.site, hold.source, hold.domain]);
}

function queued(message: Message): QueuedMessage {
  return {
    id: message.id,
    campaignId: message.campaign.id,
    domain: message.recipient.domain,
    attempts: message.attempts,
    unknowns: message.unknowns,
    notBeforeMs: message.waiting?.untilMs ?? 0,
    expiresMs: message.campaign.createdMs + message.campaign.expiresMs,
    timezone: message.recipient.variables['timezone']?.trim() || null,
  };
}

function openCampaignOf(rows: Rows, { id, stream = 'bulk', window, timezone }: Campaign): OpenCampaign {
  const hours = window === undefined ? null : parseSendingWindow(window);
  const lastId = messagesOf(rows, id).at(-1)?.id ?? 0;
  return { id, stream, window: hours, timezone: timezone ?? null, lastId };
}

function messageRow(message: Message): MessageRow {
  const { id, campaignId, domain, attempts, unknowns, expiresMs } = queued(message);
  const { address, variables } = message.recipient;
  return { id, campaignId, address, domain, variables, attempts, unknowns, expiresMs };
}

function ledgerOf(rows: Rows): Ledger {
  const opened = [...rows.campaigns.values()].filter((campaign) => campaign.state !== 'preparing');
  const total = emptyRow('total');
  const campaigns = opened.map((campaign) => {
    const row = emptyRow(campaign.name);
    for (const message of messagesOf(rows, campaign.id)) {
      for (const tally of [row, total]) {
        tally.accepted += 1;
        tally[message.state] += 1;
      }
    }
    return row;
  });
  return { ok: true, total, campaigns, faults: [] };
}

type Tally = { campaign: string; accepted: number } & { [State in FinalState | 'waiting']: number };

function emptyRow(campaign: string): Tally {
  return {
    campaign,
    accepted: 0,
    waiting: 0,
    delivered: 0,
    bounced: 0,
    suppressed: 0,
    expired: 0,
    cancelled: 0,
  };
}
