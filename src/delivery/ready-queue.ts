import type { StandingQueue } from './expire.ts';
import { isSameFlow } from './flow.ts';
import type { Flow } from './flow.ts';
import { IdQueue } from './id-queue.ts';

/** The waiting ids of one flow. */
type Lane = { flow: Flow; readonly ids: IdQueue; mixed: boolean };

/** Ids taken out for a moment; `lanes[i]` is where `ids[i]` stood. */
export type Taken = { readonly ids: readonly number[]; readonly lanes: readonly Lane[] };

// More flows than this share lanes: each lane costs 200 bytes and a step in every round. What shares a lane is served in order of arrival, which is what it would have had.
const mostLanes = 64;

/** Lanes of one stream, served in turn. */
class Ring {
  readonly lanes: Lane[] = [];
  length = 0;
  #next = 0;
  /** Ids come in runs of one flow. */
  #last: Lane | null = null;

  laneFor(flow: Flow): Lane {
    const last = this.#last;
    if (last !== null && (last.flow === flow || isSameFlow(last.flow, flow))) {
      last.flow = flow;
      return last;
    }
    const found = this.lanes.find((lane) => isSameFlow(lane.flow, flow)) ?? this.#shared(flow);
    if (found === null) return this.#add(flow);
    if (isSameFlow(found.flow, flow)) found.flow = flow;
    else found.mixed = true;
    this.#last = found;
    return found;
  }

  push(id: number, flow: Flow): void {
    this.laneFor(flow).ids.push(id);
    this.length++;
  }

  unshift(id: number, flow: Flow): void {
    this.laneFor(flow).ids.unshift(id);
    this.length++;
  }

  /** The next lane in turn that has something; never called on an empty ring. */
  next(): Lane {
    for (;;) {
      if (this.#next >= this.lanes.length) this.#next = 0;
      const lane = this.lanes[this.#next];
      if (lane === undefined) throw new Error('a ring lost count of its ids');
      if (lane.ids.length > 0) {
        this.#next++;
        return lane;
      }
      this.#drop(this.#next);
    }
  }

  /** Puts an id back to the front of the lane it was taken from. */
  giveBack(id: number, lane: Lane): void {
    if (!this.lanes.includes(lane)) this.lanes.push(lane);
    lane.ids.unshift(id);
    this.length++;
  }

  /** Takes whole lanes out. */
  remove(isOut: (flow: Flow, mixed: boolean) => boolean): readonly Lane[] {
    const out = this.lanes.filter((lane) => isOut(lane.flow, lane.mixed));
    for (const lane of out) {
      this.#drop(this.lanes.indexOf(lane));
      this.length -= lane.ids.length;
    }
    return out;
  }

  #add(flow: Flow): Lane {
    const lane = { flow, ids: new IdQueue(), mixed: false };
    // The newest comes last in the round under way: as soon as it would have, had it been there before.
    this.lanes.splice(this.#next, 0, lane);
    this.#next++;
    if (this.#next >= this.lanes.length) this.#next = 0;
    this.#last = lane;
    return lane;
  }

  #shared(flow: Flow): Lane | null {
    if (this.lanes.length < mostLanes || flow.closesMs !== Infinity) return null;
    const first = flow.campaignId % this.lanes.length;
    const turned = [...this.lanes.slice(first), ...this.lanes.slice(0, first)];
    return turned.find((lane) => lane.flow.closesMs === Infinity) ?? null;
  }

  #drop(index: number): void {
    const [lane] = this.lanes.splice(index, 1);
    if (index < this.#next) this.#next--;
    if (lane === this.#last) this.#last = null;
  }
}

/**
 * Ids that wait for one way out. Transactional ones come first; within a stream the flows take turns, a message each, so
 * that a campaign of ten need not wait for one of a million. 8 bytes an id.
 */
export class ReadyQueue {
  // Most of 50,000 paths never see a transactional message, and most domains wait for their route once.
  #transactional: Ring | null = null;
  #bulk: Ring | null = null;
  #closesMs = Infinity;

  get length(): number {
    return (this.#bulk === null ? 0 : this.#bulk.length) + this.urgent;
  }

  /** Transactional ids among them. */
  get urgent(): number {
    return this.#transactional === null ? 0 : this.#transactional.length;
  }

  /** Nothing here has a window that closes before, milliseconds since the epoch. */
  get closesMs(): number {
    return this.#closesMs;
  }

  push(id: number, flow: Flow): void {
    if (flow.closesMs < this.#closesMs) this.#closesMs = flow.closesMs;
    this.#ringOf(flow).push(id, flow);
  }

  /** Puts an id before all others of its flow: a message whose session ended before it was tried. */
  unshift(id: number, flow: Flow): void {
    if (flow.closesMs < this.#closesMs) this.#closesMs = flow.closesMs;
    this.#ringOf(flow).unshift(id, flow);
  }

  /** Takes up to `most` ids, in the order in which they are to be sent. */
  take(most: number): Taken {
    const ids: number[] = [];
    const lanes: Lane[] = [];
    for (let ring = this.#fullest(); ring !== null && ids.length < most; ring = this.#fullest()) {
      const lane = ring.next();
      const id = lane.ids.shift();
      if (id === undefined) throw new Error('a lane lost count of its ids');
      ring.length--;
      ids.push(id);
      lanes.push(lane);
    }
    return { ids, lanes };
  }

  /** Takes out everything, in the order in which it is to be sent. */
  drain(each: (id: number, flow: Flow) => void): void {
    for (let ring = this.#fullest(); ring !== null; ring = this.#fullest()) {
      const lane = ring.next();
      ring.length--;
      const id = lane.ids.shift();
      if (id !== undefined) each(id, lane.flow);
    }
    this.#transactional = null;
    this.#bulk = null;
    this.#closesMs = Infinity;
  }

  /** Puts what was taken last back, in its order. */
  putBack({ ids, lanes }: Taken): void {
    for (let index = ids.length - 1; index >= 0; index--) {
      const [id, lane] = [ids[index], lanes[index]];
      if (id !== undefined && lane !== undefined) this.#ringOf(lane.flow).giveBack(id, lane);
    }
  }

  /** Takes everything out of the flows whose window has closed. */
  takeClosed(nowMs: number): readonly { readonly flow: Flow; readonly ids: readonly number[] }[] {
    if (nowMs < this.#closesMs) return [];
    const closed = this.#bulk?.remove((flow) => flow.closesMs <= nowMs) ?? [];
    this.#closesMs = Math.min(Infinity, ...(this.#bulk?.lanes ?? []).map(({ flow }) => flow.closesMs));
    return closed
      .filter(({ ids }) => ids.length > 0)
      .map(({ flow, ids }) => ({ flow, ids: ids.take(ids.length) }));
  }

  /** Takes everything out, by flow. */
  takeAll(): readonly { readonly flow: Flow; readonly ids: readonly number[] }[] {
    const rings = [this.#transactional, this.#bulk].filter((ring) => ring !== null);
    return rings
      .flatMap((ring) => ring.remove(() => true))
      .filter(({ ids }) => ids.length > 0)
      .map(({ flow, ids }) => ({ flow, ids: ids.take(ids.length) }));
  }

  /** Takes everything of a campaign out, but for what shares its lane with others. */
  takeCampaign(campaignId: number): readonly { readonly flow: Flow; readonly ids: readonly number[] }[] {
    const rings = [this.#transactional, this.#bulk].filter((ring) => ring !== null);
    const isOut = (flow: Flow, mixed: boolean): boolean => flow.campaignId === campaignId && !mixed;
    return rings
      .flatMap((ring) => ring.remove(isOut))
      .filter(({ ids }) => ids.length > 0)
      .map(({ flow, ids }) => ({ flow, ids: ids.take(ids.length) }));
  }

  /** Each lane as a queue that expiry may look through. */
  *standing(): Generator<StandingQueue, undefined> {
    for (const ring of [this.#transactional, this.#bulk]) {
      for (const lane of ring === null ? [] : [...ring.lanes]) {
        if (ring !== null && lane.ids.length > 0) yield standingLane(ring, lane);
      }
    }
  }

  #ringOf({ stream }: Flow): Ring {
    if (stream === 'bulk') return (this.#bulk ??= new Ring());
    return (this.#transactional ??= new Ring());
  }

  /** The ring to take from; null when nothing is left. */
  #fullest(): Ring | null {
    if (this.#transactional !== null && this.#transactional.length > 0) return this.#transactional;
    return this.#bulk !== null && this.#bulk.length > 0 ? this.#bulk : null;
  }
}

function standingLane(ring: Ring, lane: Lane): StandingQueue {
  return {
    get length() {
      return lane.ids.length;
    },
    take(count) {
      const ids = lane.ids.take(count);
      ring.length -= ids.length;
      return ids;
    },
    putBack(ids) {
      for (const id of ids.toReversed()) ring.giveBack(id, lane);
    },
    push(id) {
      if (!ring.lanes.includes(lane)) ring.lanes.push(lane);
      lane.ids.push(id);
      ring.length++;
    },
  };
}
