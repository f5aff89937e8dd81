/** What the server does at one point of the dialog instead of, or before, its usual reply. */
export type Decision =
  /** Goes on; `text` replaces the usual positive reply. */
  | { readonly kind: 'accept'; readonly text?: string }
  /** Sends `text` as it stands (lines joined by CRLF, possibly malformed) and does not go on with the command. */
  | { readonly kind: 'reply'; readonly text: string; readonly close?: boolean }
  /** Ends the connection without a reply: in order (FIN) or, as au does when it blocks, with a TCP RESET. */
  | { readonly kind: 'drop'; readonly how: 'close' | 'reset' }
  /** Waits, reading nothing, then does the other thing. */
  | { readonly kind: 'delay'; readonly delayMs: number; readonly next: Decision }
  /** Never answers: the client's time limit (RFC 5321 §4.5.3.2) has to end it. */
  | { readonly kind: 'silence' };

export const accept: Decision = { kind: 'accept' };

/** The connection as the hooks see it. */
export type Session = {
  /** Number of the connection on this server, from 1. */
  readonly id: number;
  /** Client's address. */
  readonly clientAddress: string;
  /** true after STARTTLS. */
  readonly secure: boolean;
  /** Messages that were begun (MAIL accepted) on this connection so far. */
  readonly begun: number;
};

/** One message after its final dot (or BDAT LAST). */
export type ReceivedMessage = {
  readonly from: string;
  /** Paths as given, without angle brackets. */
  readonly recipients: readonly string[];
  /** Octets on the wire without the final dot. */
  readonly sizeOctets: number;
  /** With angle brackets; null when there is none in the first 32 KB or `keep` is `nothing`. */
  readonly messageId: string | null;
  /** The message with dot-stuffing undone; null unless `keep` is `content`. */
  readonly content: Buffer | null;
};

/** Points at which behaviour can be scripted; a missing hook accepts. */
export type SmtpHooks = {
  connected?(session: Session): Decision;
  greeted?(session: Session, name: string): Decision;
  mail?(session: Session, from: string): Decision;
  rcpt?(session: Session, to: string): Decision;
  data?(session: Session): Decision;
  message?(session: Session, message: ReceivedMessage): Decision;
  closed?(session: Session): void;
};
