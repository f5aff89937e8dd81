import { StorageFull } from '../base/index.ts';
import { messageIdIn } from './message-id.ts';
import type { BodyLog, OutboxStore, StorableMail, StoredMessage, StoreResult } from './outbox-ports.ts';
import type { Accepted, AcceptFailure, NewMail, Outbox } from './outbox.ts';

export type OutboxParts = {
  readonly store: OutboxStore;
  readonly bodies: BodyLog;
  /** [0, 1) */
  readonly random: () => number;
  /** false: what is free on the disk belongs to what was accepted before. */
  readonly hasRoom: () => boolean;
  /** They are durable and may be sent from now on. */
  readonly arrived: (messages: readonly StoredMessage[]) => void;
};

/** An outbox that can be closed. */
export type OpenOutbox = Outbox & {
  /** Accepts nothing more; resolves when everything that was under way is answered. */
  stop(): Promise<void>;
};

type Answer = readonly Accepted[] | AcceptFailure;
type Request = {
  readonly mails: readonly NewMail[];
  readonly octets: number;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
};

// Two fsyncs are shared by so many requests at most: about 25 ms of statements, so that the first is not kept waiting.
const mostRequests = 256;
const mostOctets = 16 * 1024 * 1024;

/** The one way into the store for applications' mail: what arrives while a batch is being written is the next batch. */
export function createOutbox(parts: OutboxParts): OpenOutbox {
  const queue: Request[] = [];
  let running: Promise<void> | null = null;
  let stopping = false;

  const run = async (): Promise<void> => {
    // What came in the same turn of the event loop shares the batch.
    await Promise.resolve();
    while (queue.length > 0) await commitBatch(parts, takeBatch(queue));
    running = null;
  };

  const acceptAll = async (mails: readonly NewMail[]): Promise<Answer> => {
    if (stopping) return { kind: 'stopping' };
    if (mails.length === 0) return [];
    return await new Promise((answer, fail) => {
      queue.push({ mails, octets: octetsOf(mails), answer, fail });
      running ??= run();
    });
  };

  return {
    acceptAll,
    async accept(mail) {
      const answer = await acceptAll([mail]);
      if ('kind' in answer) return answer;
      const [accepted] = answer;
      if (accepted === undefined) throw new Error('a mail was accepted without an answer');
      return accepted;
    },
    async stop() {
      stopping = true;
      await running;
    },
  };
}

function octetsOf(mails: readonly NewMail[]): number {
  return mails.reduce(
    (sum, { bodies }) => sum + bodies.reduce((octets, { bytes }) => octets + bytes.length, 0),
    0,
  );
}

function takeBatch(queue: Request[]): readonly Request[] {
  let count = 0;
  for (let octets = 0; count < queue.length && count < mostRequests; count += 1) {
    octets += queue[count]?.octets ?? 0;
    if (count > 0 && octets > mostOctets) break;
  }
  return queue.splice(0, count);
}

/** Never rejects: every request of the batch gets an answer, or the error. */
async function commitBatch(parts: OutboxParts, batch: readonly Request[]): Promise<void> {
  try {
    await commitTogether(parts, batch);
  } catch (error) {
    const [only] = batch;
    if (isFull(error)) for (const request of batch) request.answer({ kind: 'disk-full' });
    else if (batch.length === 1) only?.fail(error);
    // A bug that one of them hits must not be everybody's: the others are stored.
    else for (const request of batch) await commitBatch(parts, [request]);
  }
}

async function commitTogether(parts: OutboxParts, batch: readonly Request[]): Promise<void> {
  const open = batch.filter((request) => !answerEarlier(parts, request));
  if (open.length === 0) return;
  if (!parts.hasRoom()) {
    for (const request of open) request.answer({ kind: 'disk-full' });
    return;
  }
  const storable = await writeBodies(parts, open);
  const results = parts.store.store(storable, parts.random);
  const waiting = results.flatMap((result) => (result.kind === 'stored' ? result.waiting : []));
  if (waiting.length > 0) parts.arrived(waiting);
  for (const [index, request] of open.entries()) request.answer(answerOf(results[index]));
}

/** Answers what was asked before, without writing its bodies again; also when there is no room. */
function answerEarlier({ store }: OutboxParts, { mails, answer }: Request): boolean {
  if (mails.every(({ idempotency }) => idempotency === null)) return false;
  const earlier = store.earlier(mails);
  if (earlier === 'idempotency-conflict') {
    answer({ kind: 'idempotency-conflict' });
    return true;
  }
  const known = earlier.filter((each) => each !== null);
  if (known.length < mails.length) return false;
  answer(known);
  return true;
}

/** One append for all bodies of the batch. */
async function writeBodies(
  { bodies }: OutboxParts,
  requests: readonly Request[],
): Promise<readonly (readonly StorableMail[])[]> {
  const all = requests.flatMap(({ mails }) => mails.flatMap((mail) => mail.bodies.map(({ bytes }) => bytes)));
  const places = await bodies.append(all);
  let at = 0;
  return requests.map(({ mails }) =>
    mails.map((mail) => {
      const own = places.slice(at, at + mail.bodies.length);
      at += mail.bodies.length;
      return { mail, places: own, messageId: givenMessageId(mail) };
    }),
  );
}

/** null: it says nothing that the id of the mail does not say. */
function givenMessageId({ id, bodies }: NewMail): string | null {
  const [body] = bodies;
  const found = body === undefined ? null : messageIdIn(body.bytes);
  return found?.toLowerCase().startsWith(`<${id}@`) === true ? null : found;
}

function answerOf(result: StoreResult | undefined): Answer {
  if (result === undefined) throw new Error('the store left a request without an answer');
  return result.kind === 'stored' ? result.accepted : result;
}

/** A full disk passes; a failing one (EIO) is told as such. */
function isFull(error: unknown): boolean {
  return error instanceof StorageFull && error.failure === 'full';
}
