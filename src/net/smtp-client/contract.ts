import type { SecureContext } from 'node:tls';
import type { Clock } from '../../base/index.ts';
import type { LocalCause, Stage, TlsFacts } from '../../events/index.ts';
import type { Reply } from '../../protocol/smtp/index.ts';
import type { TlsProof } from './peer-proof.ts';

/** RFC 5321 §4.5.3.2: how long to wait for each reply, milliseconds. */
export type SmtpTimeouts = {
  readonly connectMs: number;
  readonly bannerMs: number;
  readonly commandMs: number; // EHLO, MAIL, RCPT, STARTTLS
  readonly dataMs: number; // the 354
  readonly blockMs: number; // progress of writing the body
  readonly eomMs: number; // the reply to the final dot
};

export type DialOptions = {
  /** MX host name (TLS server name) and the address to connect to. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Local address to bind, null: the system chooses. */
  readonly localAddress: string | null;
  /** EHLO/HELO argument (RFC 5321 §4.1.1.1). */
  readonly hostname: string;
  readonly tls: {
    readonly mode: 'none' | 'opportunistic' | 'required';
    readonly context: SecureContext | null;
    /** What the server must prove, or the dial fails; left out: nothing, and what it could not prove is in the facts. */
    readonly proof?: TlsProof;
    /** The host's name is the recipient domain's own word: by DNSSEC, MTA-STS or configuration (RFC 8689 §4.2.1). */
    readonly hostTrusted?: boolean;
  };
  readonly timeouts: SmtpTimeouts;
  readonly clock: Clock;
  /** false: go step by step although the server offers PIPELINING, for hosts that are known to break. Default true. */
  readonly pipelining?: boolean;
  /**
   * true: where the server offers CHUNKING and PIPELINING, whole transactions with BDAT (RFC 3030), several in flight. Only
   * for servers known to read the bytes of a BDAT they refuse: docs/decisions/0004-data-before-bdat.md. Default false.
   */
  readonly chunking?: boolean;
  /** Called when a session ends with `suspect` set, in that turn, before the results of what was under way. */
  readonly onSuspect?: (suspect: Suspect) => void;
};

/** The extension that a server seems to offer without being able to keep to it. */
export type Suspect = 'pipelining' | 'chunking';

/** What went wrong: the server said it, or it happened to us. */
export type SmtpFailure =
  | { readonly origin: 'remote'; readonly stage: Stage; readonly reply: Reply }
  | { readonly origin: 'local'; readonly stage: Stage; readonly cause: LocalCause; readonly text: string };

/** Service extensions of the last EHLO. */
export type Extensions = {
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly chunking: boolean;
  readonly startTls: boolean;
  /** RFC 8689, and everything that it asks for is given: the server proved to be the host that the domain means. */
  readonly requireTls: boolean;
  /** Announced limit in octets (RFC 1870), null when none. */
  readonly sizeOctets: number | null;
};

/** One message to one recipient. `body` has CRLF line ends, ends with CRLF. */
export type Transaction = {
  readonly from: string;
  readonly to: string;
  readonly body: Buffer;
  /** true when no line of the body starts with a dot, so that it can be sent as it is (RFC 5321 §4.5.2). */
  readonly dotSafe: boolean;
  readonly eightBit: boolean;
  readonly smtpUtf8: boolean;
  /** To be passed on over proven TLS only, here and by everyone after us (RFC 8689). */
  readonly requireTls?: boolean;
  /** It overtakes the transactions handed over before it of which nothing was written yet. */
  readonly urgent?: boolean;
};

export type TransactionResult =
  /** The final dot was answered 2xx. */
  | { readonly kind: 'accepted'; readonly reply: Reply }
  /** A 4xx or 5xx at MAIL, RCPT, DATA or after the final dot; the session goes on unless the code was 421. */
  | { readonly kind: 'rejected'; readonly stage: Stage; readonly reply: Reply }
  /**
   * The server cannot take it by what it announced, or the envelope cannot be written (`compose-failed`: an address with
   * a control character or without a domain); nothing was sent, the session goes on.
   */
  | {
      readonly kind: 'unsendable';
      readonly cause: 'size-exceeded' | 'smtputf8-unavailable' | 'requiretls-unavailable' | 'compose-failed';
      readonly text: string;
    }
  /** The session ended. `mayHaveArrived`: the final dot, or the last octet of BDAT, was handed to the kernel and its reply never came. */
  | { readonly kind: 'broken'; readonly failure: SmtpFailure; readonly mayHaveArrived: boolean }
  /**
   * The session ended before the server answered anything of this transaction: as if never tried. Only behind a
   * transaction that was decided or failed on the same session, so that trying at once on a new one always makes progress;
   * or when `send` was called although the session was no longer usable.
   */
  | { readonly kind: 'untried'; readonly failure: SmtpFailure };

export interface SmtpSession {
  readonly extensions: Extensions;
  readonly tls: TlsFacts | null;
  /**
   * How many transactions may be handed over right now: 0–2 with PIPELINING (the next one's envelope goes behind the dot),
   * 0–4 with BDAT once the server has taken one, else 0–1.
   */
  readonly room: number;
  /** false once the session cannot take another transaction. */
  readonly usable: boolean;
  /**
   * Set when the session ended in a way that makes one of the extensions in use suspect: dial this host without it for a
   * while (`pipelining: false`, `chunking: false`). null while it is usable, and for every other end.
   */
  readonly suspect?: Suspect | null;
  /** Sends one message. Never rejects. Call only while `room` > 0. */
  send(transaction: Transaction): Promise<TransactionResult>;
  /** Called whenever `room` grows or `usable` turns false, in the same turn: a transaction sent from it joins the next write. */
  onChange(listener: () => void): void;
  /** QUIT, waits a little for 221, closes. Transactions under way are finished first. */
  quit(): Promise<void>;
  /** Closes at once; transactions under way end as broken or untried. */
  destroy(): void;
}

export type DialResult =
  | { readonly ok: true; readonly session: SmtpSession }
  | { readonly ok: false; readonly failure: SmtpFailure; readonly tls: TlsFacts | null };

/** Connects, greets, starts TLS; never rejects. */
export type Dial = (options: DialOptions) => Promise<DialResult>;
