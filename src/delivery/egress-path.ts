import type { Clock, Timer } from '../base/index.ts';
import type { SmtpSession } from '../net/smtp-client/index.ts';
import type { SiteDialer } from './hosts.ts';
import type { Flow } from './flow.ts';
import type { EffectiveLimits } from './limits.ts';
import type { PathPace } from './path-pace.ts';
import type { MessageRow } from './ports.ts';
import { SessionCount, trustedAtFirst } from './pace.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { Attempted } from './settle.ts';
import type { Site } from './site.ts';

/** A sending IP; `ip` null lets the system choose. */
export type Source = { readonly ip: string | null; readonly hostname: string };

/** A session of a path, with what the path keeps beside it. */
export type OpenSession = {
  readonly path: EgressPath;
  readonly session: SmtpSession;
  readonly host: string;
  readonly address: string;
  /** Messages handed over so far. */
  sent: number;
  inFlight: number;
  /** A message got through. */
  worked: boolean;
  /** Replies that decided a message; 0 at the end of a session means that it was of no use. */
  decided: number;
  /** Its last message was decided quickly: several may be handed over ahead of time. */
  brisk: boolean;
  /** true while it stands in the engine's line of hungry sessions. */
  inLine: boolean;
  idle: Timer | null;
};

/** Why a path does not send, until when; `last` is the outcome that led to it. */
export type Hold = {
  readonly because: string;
  readonly detail: string;
  readonly untilMs: number;
  readonly last: Attempted | null;
};

/** A row read ahead, and the flow it came from. */
export type Picked = { readonly row: MessageRow; readonly flow: Flow };

/** source × site: the ready queue, the sessions and the state of one way out. Decides nothing by itself. */
export class EgressPath {
  readonly key: string;
  readonly source: Source;
  readonly site: Site;
  readonly dialer: SiteDialer;
  readonly sessions = new Set<OpenSession>();
  /** Domains seen on this path: a hold is recorded for each, so that `why` finds it. */
  readonly domains = new Set<string>();
  readonly count: SessionCount;
  readonly ready = new ReadyQueue();
  /** Rows read ahead, next one last. */
  rows: Picked[] = [];
  /** When they were read, in `monotonic` time. */
  rowsReadMs = 0;
  dialing = 0;
  /** Messages handed to a session whose outcome is not known yet. */
  inFlight = 0;
  hold: Hold | null = null;
  holdTimer: Timer | null = null;
  /** What kept the path from sending last; null again once a message was decided. */
  last: Attempted | null = null;
  /** Its last message was decided quickly. */
  brisk = true;
  /** Another carrier has the site: nothing is sent from here any more. */
  retired = false;
  /** Failed sessions in a row. */
  failures = 0;
  /** Most messages over one session. */
  messagesPerSession = 1;
  /** Largest message that the site takes; null: not known. */
  messageOctets: number | null = null;
  /** What its limits demand of TLS; null: nothing. */
  tls: EffectiveLimits['tls']['value'] = null;
  /** null: no reply has come yet, no limit in time is set, and nothing was learnt before. */
  pace: PathPace | null = null;
  paceTimer: Timer | null = null;
  /** `why` was told that messages wait for their turn at this pace. */
  paceShown = false;
  /** When what it learnt was last handed on to be kept, in `monotonic` time. */
  paceKeptMs = 0;

  constructor(facts: {
    key: string;
    source: Source;
    site: Site;
    dialer: SiteDialer;
    clock: Clock;
    mostSessions: number;
  }) {
    this.key = facts.key;
    this.source = facts.source;
    this.site = facts.site;
    this.dialer = facts.dialer;
    this.count = new SessionCount(facts.clock, facts.mostSessions);
  }

  /** Messages that could be sent now. */
  get queued(): number {
    return this.ready.length + this.rows.length;
  }

  get empty(): boolean {
    return this.queued + this.inFlight + this.dialing + this.sessions.size === 0;
  }

  /** Puts the rows read ahead back into the queue: nothing is sent for a while. */
  returnRows(): void {
    for (const { row, flow } of this.rows) this.ready.unshift(row.id, flow);
    this.rows = [];
  }

  /** A message that was not tried after all: it is next again. */
  giveBack(picked: Picked): void {
    if (this.hold === null) this.rows.push(picked);
    else this.ready.unshift(picked.row.id, picked.flow);
  }

  /** true while something transactional waits here. */
  get urgent(): boolean {
    return this.ready.urgent > 0 || this.rows.at(-1)?.flow.stream === 'transactional';
  }

  /** true when the session is to take no bulk mail: all others are at work, and one is left to what overtakes. */
  spares(open: OpenSession): boolean {
    if (!this.#leavesOne || this.urgent) return false;
    const others = open.inFlight > 0 ? this.#busy - 1 : this.#busy;
    return others >= this.count.allowed - 1;
  }

  /** true while something urgent waits for a session that is being opened, or soon will be: sooner than a slow one is free. */
  get awaitsSession(): boolean {
    return this.urgent && (this.dialing > 0 || this.wantsSession);
  }

  get #leavesOne(): boolean {
    return !this.brisk && this.count.allowed >= worthASpare;
  }

  get #busy(): number {
    let busy = 0;
    for (const { inFlight } of this.sessions) if (inFlight > 0) busy++;
    return busy;
  }

  /** true when one more session would be of use. */
  get wantsSession(): boolean {
    if (this.hold !== null) return false;
    const open = this.sessions.size + this.dialing;
    const { allowed } = this.count;
    if (this.urgent) return this.dialing === 0 && open < allowed && this.#busy === this.sessions.size;
    const most = this.#leavesOne ? allowed - 1 : allowed;
    if (this.queued <= open * messagesWorthASession || open >= most) return false;
    return this.pace === null || !this.pace.active || open < this.pace.usefulConnections;
  }
}

// A session costs three round trips before its first message; below four messages each, the open ones are quicker.
const messagesWorthASession = 4;
// Where each message takes long, bulk mail leaves one connection of so many to what overtakes it: behind a message under way
// and the envelope after it, a password reset would wait for both.
// As many as a site that nothing is known of gets at first.
const worthASpare = trustedAtFirst;
