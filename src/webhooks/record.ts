import { positionText } from './position.ts';
import type { Position } from './position.ts';
import type { WebhookDelivery, WebhookPause, WebhookProgress } from './webhook.ts';

/** What happened at one endpoint and is not on record. An event that came and went in between leaves no trace. */
export type Record = {
  /** How far the feed was read. */
  readonly position: Position;
  took(deliveries: readonly WebhookDelivery[], to: Position): void;
  done(position: Position): void;
  later(delivery: WebhookDelivery): void;
  dead(delivery: WebhookDelivery): void;
  paused(pause: WebhookPause | 'none'): void;
  /** Everything since the last call; null: nothing. */
  take(): WebhookProgress | null;
};

export function createRecord(webhook: string, start: Position): Record {
  let from = start;
  let position = start;
  let pause: WebhookPause | 'none' | null = null;
  /** Read since the last call, and not done. */
  let fresh = new Map<string, WebhookDelivery>();
  let later = new Map<string, WebhookDelivery>();
  let done: Position[] = [];
  let dead: WebhookDelivery[] = [];
  return {
    get position() {
      return position;
    },
    took(deliveries, to) {
      position = to;
      for (const delivery of deliveries) fresh.set(positionText(delivery.position), delivery);
    },
    done(at) {
      const key = positionText(at);
      later.delete(key);
      if (!fresh.delete(key)) done.push(at);
    },
    later(delivery) {
      const key = positionText(delivery.position);
      (fresh.has(key) ? fresh : later).set(key, delivery);
    },
    dead(delivery) {
      later.delete(positionText(delivery.position));
      dead.push(delivery);
    },
    paused(change) {
      pause = change;
    },
    take() {
      const moved = from.seq !== position.seq || from.within !== position.within;
      if (!moved && pause === null && later.size + done.length + dead.length === 0) return null;
      const taken = moved ? { from, to: position, deliveries: [...fresh.values()] } : null;
      const progress = { webhook, taken, done, later: [...later.values()], dead, pause };
      from = position;
      pause = null;
      fresh = new Map();
      later = new Map();
      done = [];
      dead = [];
      return progress;
    },
  };
}
