import type { Settled } from '../delivery/index.ts';
import type { OutcomeReading, RemoteOutcome } from '../events/index.ts';
import type { Reply } from '../protocol/smtp/index.ts';

/**
 * A report of a carrier on its way to the dispatcher's thread. Most of its rows tell the same story: a host took or
 * refused a message, and only message, time, duration and the words differ. What is the same is cloned once.
 *
 * Cloning 64 deliveries takes 2.6 µs each as they are, 3.1 when every reply has an id of its own, and 0.2 or 0.6 so.
 */
export type SettledColumns = {
  /** Five numbers a row: message id, time, duration, index of its story, index of its reply. */
  readonly rows: Float64Array;
  readonly stories: readonly Story[];
  readonly replies: readonly Reply[];
  /** Waiting again, or decided without the receiver's word. */
  readonly others: readonly Settled[];
};

type RemoteSettled = Settled & {
  readonly settlement: {
    readonly event: { readonly outcome: RemoteOutcome };
    readonly next: { readonly state: 'delivered' | 'bounced' };
  };
};
/** A settlement that stands for all that differ from it in the columns alone. */
type Story = RemoteSettled;

const columns = 5;

export function packSettled(batch: readonly Settled[]): SettledColumns {
  const stories: Story[] = [];
  const replies: Reply[] = [];
  const others: Settled[] = [];
  const rows = new Float64Array(batch.length * columns);
  let at = 0;
  for (const settled of batch) {
    if (!isRemote(settled)) {
      others.push(settled);
      continue;
    }
    const { event } = settled.settlement;
    rows[at] = event.messageId;
    rows[at + 1] = event.atMs;
    rows[at + 2] = event.outcome.durationMs;
    rows[at + 3] = indexOf(stories, settled, isSameStory);
    rows[at + 4] = indexOf(replies, event.outcome.reply, Object.is);
    at += columns;
  }
  return { rows: rows.subarray(0, at), stories, replies, others };
}

export function unpackSettled({ rows, stories, replies, others }: SettledColumns): readonly Settled[] {
  const batch: Settled[] = [...others];
  for (let at = 0; at < rows.length; at += columns) {
    const story = stories[rows[at + 3] ?? -1];
    const reply = replies[rows[at + 4] ?? -1];
    if (story === undefined || reply === undefined) throw new Error('a row of a report names nothing');
    const { event, next } = story.settlement;
    const messageId = rows[at] ?? 0;
    const atMs = rows[at + 1] ?? 0;
    const durationMs = rows[at + 2] ?? 0;
    const outcome = { ...event.outcome, durationMs, reply };
    batch.push({ ...story, settlement: { event: { ...event, messageId, atMs, outcome }, next } });
  }
  return batch;
}

function isRemote(settled: Settled): settled is RemoteSettled {
  const { event, next } = settled.settlement;
  return event.outcome?.origin === 'remote' && (next.state === 'delivered' || next.state === 'bounced');
}

/** Where the item stands, newest first: it is put there when it is not. */
function indexOf<T>(known: T[], item: T, isSame: (a: T, b: T) => boolean): number {
  for (let index = known.length - 1; index >= 0; index--) {
    const each = known[index];
    if (each !== undefined && isSame(each, item)) return index;
  }
  return known.push(item) - 1;
}

function isSameStory(a: Story, b: Story): boolean {
  const { event, next } = a.settlement;
  const other = b.settlement.event;
  return (
    a.domain === b.domain &&
    a.campaignId === b.campaignId &&
    next.state === b.settlement.next.state &&
    event.kind === other.kind &&
    isSameReading(event.reading, other.reading) &&
    isSameWay(event.outcome, other.outcome)
  );
}

function isSameReading(a: OutcomeReading, b: OutcomeReading): boolean {
  return (
    a.verdict === b.verdict && a.detail === b.detail && a.rule === b.rule && a.confidence === b.confidence
  );
}

function isSameWay(a: RemoteOutcome, b: RemoteOutcome): boolean {
  return (
    a.kind === b.kind &&
    a.scope === b.scope &&
    a.stage === b.stage &&
    a.host === b.host &&
    a.address === b.address &&
    a.source === b.source &&
    // One object for each session.
    a.tls === b.tls
  );
}
