import { comparePositions } from './position.ts';
import type { WebhookDelivery } from './webhook.ts';

/**
 * Deliveries of one endpoint, a lane for each message: a lane gives its first, and nothing more until that is done or
 * given up, so that the events of a message arrive in order and no other message waits for them.
 */
export type Lanes = {
  add(delivery: WebhookDelivery): void;
  /** Takes one that is due out of a lane that is free; null: there is none. */
  next(nowMs: number): WebhookDelivery | null;
  /** What `next` gave has left: its lane goes on. */
  finished(delivery: WebhookDelivery): void;
  /** What `next` gave comes back to the head of its lane. */
  again(delivery: WebhookDelivery): void;
  /** Everything is due now. */
  hasten(nowMs: number): void;
  /** Without those that `next` gave. */
  readonly waiting: number;
  readonly ready: number;
  /** When the next falls due; null: none waits for a time. */
  readonly nextDueMs: number | null;
};

type Lane = { readonly messageId: number; queue: WebhookDelivery[]; busy: boolean };
type Delayed = { readonly dueMs: number; readonly lane: Lane };

export function createLanes(): Lanes {
  const lanes = new Map<number, Lane>();
  const ready: Lane[] = [];
  /** By time, the earliest last. */
  const delayed: Delayed[] = [];
  let readyFrom = 0;
  let waiting = 0;

  /** Puts a free lane where its head belongs. */
  const place = (lane: Lane): void => {
    const [head] = lane.queue;
    if (head === undefined) lanes.delete(lane.messageId);
    else if (head.dueMs === 0) ready.push(lane);
    else insertByTime(delayed, { dueMs: head.dueMs, lane });
  };
  const promote = (nowMs: number): void => {
    for (let next = delayed.at(-1); next !== undefined && next.dueMs <= nowMs; next = delayed.at(-1)) {
      delayed.pop();
      ready.push(next.lane);
    }
  };
  const compact = (): void => {
    if (readyFrom < 1_000 || readyFrom * 2 < ready.length) return;
    ready.splice(0, readyFrom);
    readyFrom = 0;
  };
  const laneOf = (messageId: number): Lane => {
    const known = lanes.get(messageId);
    if (known !== undefined) return known;
    const lane: Lane = { messageId, queue: [], busy: false };
    lanes.set(messageId, lane);
    return lane;
  };

  return {
    add(delivery) {
      const lane = laneOf(delivery.messageId);
      waiting += 1;
      const isNew = lane.queue.length === 0 && !lane.busy;
      insertByPosition(lane.queue, delivery);
      if (isNew) place(lane);
    },
    next(nowMs) {
      promote(nowMs);
      const lane = ready[readyFrom];
      const head = lane?.queue.shift();
      if (lane === undefined || head === undefined) return null;
      readyFrom += 1;
      compact();
      lane.busy = true;
      waiting -= 1;
      return head;
    },
    finished({ messageId }) {
      const lane = laneOf(messageId);
      lane.busy = false;
      place(lane);
    },
    again(delivery) {
      const lane = laneOf(delivery.messageId);
      lane.busy = false;
      waiting += 1;
      lane.queue.unshift(delivery);
      place(lane);
    },
    hasten(nowMs) {
      for (const { lane } of delayed.splice(0)) {
        const [head, ...rest] = lane.queue;
        if (head !== undefined) lane.queue = [{ ...head, dueMs: nowMs }, ...rest];
        ready.push(lane);
      }
    },
    get waiting() {
      return waiting;
    },
    get ready() {
      return ready.length - readyFrom;
    },
    get nextDueMs() {
      return delayed.at(-1)?.dueMs ?? null;
    },
  };
}

function insertByTime(delayed: Delayed[], next: Delayed): void {
  let [low, high] = [0, delayed.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((delayed[middle]?.dueMs ?? 0) > next.dueMs) low = middle + 1;
    else high = middle;
  }
  delayed.splice(low, 0, next);
}

/** Nearly always at the end: events come in order, but for what is replayed. */
function insertByPosition(queue: WebhookDelivery[], next: WebhookDelivery): void {
  let at = queue.length;
  while (at > 0 && comparePositions(queue[at - 1]?.position ?? next.position, next.position) > 0) at -= 1;
  queue.splice(at, 0, next);
}
