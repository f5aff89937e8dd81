import { createHash } from 'node:crypto';
import type { ReturnedMail } from '../bounces/index.ts';
import type { ReturnedEvent } from '../events/index.ts';
import type { Destination, Role } from './destination.ts';
import { envelopeTraces } from './envelope-traces.ts';
import type { Match, Returned } from './matching.ts';
import type { ReportBudget } from './report-budget.ts';
import { newsOf } from './news.ts';
import type {
  KeptMail,
  ReportTaker,
  ReturnedStore,
  SentMessages,
  UnsubscribeRequest,
  UnsubscribeStore,
} from './ports.ts';

/** A mail that came in. */
export type Arrival = {
  readonly mail: Uint8Array;
  /** Envelope recipients; null: it comes from a mailbox, without its envelope. */
  readonly recipients: readonly string[] | null;
  readonly via: ReturnedEvent['via'];
  readonly atMs: number;
};

/**
 * What became of a mail. `news`: read, whether or not it changed anything; `report`: a DMARC or TLS report; `kept`: for a
 * person; `ignored`: nothing of ours.
 */
export type Disposition = 'news' | 'unsubscribe' | 'report' | 'kept' | 'ignored';

/**
 * `no-room`: it is for a person, and its sender has to keep it; `busy`: it may be a report, and reports have had their time.
 * Never of a mail out of a mailbox.
 */
export type Answer = Disposition | 'no-room' | 'busy';

export type IntakeParts = {
  readonly reader: { read(mail: Uint8Array): ReturnedMail };
  readonly destination: (address: string) => Destination;
  readonly match: (returned: Returned) => Match;
  readonly messages: SentMessages;
  readonly store: ReturnedStore;
  readonly unsubscribes: UnsubscribeStore;
  readonly reports: ReportTaker;
  readonly reportBudget: ReportBudget;
  readonly kept: KeptMail;
  /** Throws `StorageFull` while the disk has no room left for mail of strangers. */
  readonly room: () => void;
};

/** What a mail asks to be written, before anything is. */
export type Examined = {
  readonly arrival: Arrival;
  readonly digest: string;
  readonly events: readonly ReturnedEvent[];
  readonly unsubscribes: readonly UnsubscribeRequest[];
  readonly mayBeReport: boolean;
  /** Whether it is kept for a person: in any case, or if there turns out to be nothing else in it. */
  readonly keep: 'always' | 'else' | 'never';
};

export type Intake = {
  /** Reads a mail; writes nothing, never throws on any bytes. */
  examine(arrival: Arrival): Examined;
  /** Writes what mails of one moment ask for; durable when it returns. Throws `StorageFull`; again is then safe. */
  commit(batch: readonly Examined[]): readonly Answer[];
};

/** Takes mail in: destination, reading, message, news. */
export function createIntake(parts: IntakeParts): Intake {
  return {
    examine: (arrival) => examine(parts, arrival),
    commit(batch) {
      parts.room();
      // Each call is a transaction of its own and may be repeated: the same news, request or report twice is one.
      const events = batch.flatMap((each) => each.events);
      if (events.length > 0) parts.store.take(events);
      const unsubscribes = batch.flatMap((each) => each.unsubscribes);
      if (unsubscribes.length > 0) parts.unsubscribes.unsubscribe(unsubscribes);
      return batch.map((each) => commitOne(parts, each));
    },
  };
}

function commitOne(parts: IntakeParts, examined: Examined): Answer {
  const { arrival, digest, events, unsubscribes, keep } = examined;
  const mayBeReport = examined.mayBeReport && events.length === 0 && unsubscribes.length === 0;
  // Whoever has a mailbox of ours decides himself what goes into it.
  if (mayBeReport && arrival.recipients !== null && !parts.reportBudget.hasCredit()) return 'busy';
  const found = foundIn();
  if (keep === 'never' || (keep === 'else' && found !== null)) return found ?? 'ignored';
  return parts.kept.keep(arrival.mail, digest) ? 'kept' : 'no-room';

  function foundIn(): Disposition | null {
    if (events.length > 0) return 'news';
    if (unsubscribes.length > 0) return 'unsubscribe';
    const isReport = mayBeReport && parts.reportBudget.spend(() => parts.reports.take(arrival.mail));
    return isReport ? 'report' : null;
  }
}

type Wishes = {
  readonly sealedIds: readonly number[];
  readonly unsubscribeIds: readonly number[];
  readonly roles: ReadonlySet<Role>;
};

function examine(parts: IntakeParts, arrival: Arrival): Examined {
  const digest = digestOf(arrival.mail);
  const wishes = wishesOf(parts, arrival);
  const unsubscribes = wishes.unsubscribeIds.flatMap((id) => requestFor(parts, id, arrival));
  const events = readsNews(wishes, arrival) ? newsFor(parts, arrival, { digest, wishes }) : [];
  const hasEnvelope = arrival.recipients !== null;
  return {
    arrival,
    digest,
    events,
    unsubscribes,
    mayBeReport: wishes.roles.has('dmarc') || wishes.roles.has('tlsrpt') || !hasEnvelope,
    // A mailbox keeps what is for people where it is.
    keep: hasEnvelope ? keeping(wishes.roles, events) : 'never',
  };
}

/**
 * RFC 5321 §4.5.1, RFC 2142 §4: a person answers at postmaster and abuse. What comes there with a bounce or a complaint in it
 * is his as well, unless it is about a mail of ours, which shows it in its history.
 */
function keeping(roles: ReadonlySet<Role>, events: readonly ReturnedEvent[]): Examined['keep'] {
  const isForPerson = roles.has('postmaster') || roles.has('abuse');
  if (isForPerson && events.every(({ messageId }) => messageId === null)) return 'always';
  return roles.size > 0 ? 'else' : 'never';
}

/** Reports are not looked at as news: a report about a bounce is no bounce. */
function readsNews(wishes: Wishes, arrival: Arrival): boolean {
  if (wishes.sealedIds.length > 0 || arrival.recipients === null) return true;
  const readable: readonly Role[] = ['bounce', 'fbl', 'postmaster', 'abuse'];
  return readable.some((role) => wishes.roles.has(role));
}

function wishesOf(parts: IntakeParts, arrival: Arrival): Wishes {
  const addresses = arrival.recipients ?? envelopeTraces(arrival.mail);
  const destinations = addresses.map(parts.destination);
  return {
    sealedIds: unique(destinations.flatMap((to) => (to.kind === 'return-path' ? [to.messageId] : []))),
    unsubscribeIds: unique(destinations.flatMap((to) => (to.kind === 'unsubscribe' ? [to.messageId] : []))),
    roles: new Set(destinations.flatMap((to) => (to.kind === 'role' ? [to.role] : []))),
  };
}

function unique(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)];
}

function requestFor(parts: IntakeParts, id: number, { atMs, via }: Arrival): readonly UnsubscribeRequest[] {
  const message = parts.messages.byId(id);
  return message === null ? [] : [{ messageId: id, address: message.address, atMs, via }];
}

type Read = { readonly digest: string; readonly wishes: Wishes };

function newsFor(parts: IntakeParts, arrival: Arrival, { digest, wishes }: Read): readonly ReturnedEvent[] {
  const mail = parts.reader.read(arrival.mail);
  const { atMs, via } = arrival;
  const targets: readonly (number | null)[] = wishes.sealedIds.length > 0 ? wishes.sealedIds : [null];
  return targets.flatMap((sealedId) => {
    // An ordinary mail to a role address may quote a mail of ours: a person's letter, no news.
    if (sealedId === null && mail.kind === 'none') return [];
    const match = parts.match({ sealedId, original: mail.original, atMs });
    const own = targets.length === 1 ? digest : `${digest}/${sealedId}`;
    return newsOf(mail, { match, digest: own, atMs, via });
  });
}

/** Of the bytes with line feeds alone: the copy that went through a mailbox is the same mail. */
function digestOf(mail: Uint8Array): string {
  const hash = createHash('sha256');
  let start = 0;
  for (let at = mail.indexOf(0x0d); at !== -1; at = mail.indexOf(0x0d, at + 1)) {
    if (mail[at + 1] !== 0x0a) continue;
    hash.update(mail.subarray(start, at));
    start = at + 1;
  }
  // 128 bits: nobody gains by finding two mails of one digest, each would be his own.
  return hash.update(mail.subarray(start)).digest('hex').slice(0, 32);
}
