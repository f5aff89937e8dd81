import type { Reply } from '../protocol/smtp/index.ts';

/** What one attempt ended in. `unknown`: the connection was lost after the final dot; the receiver may have taken it. */
export type OutcomeKind = 'delivered' | 'deferred' | 'refused' | 'unknown';

/** How far the outcome reaches: a refusal of this recipient says nothing of the next, a dead host does. */
export type OutcomeScope = 'recipient' | 'message' | 'session' | 'host' | 'site' | 'source';

/** Where in the way of a message the outcome arose. `eom` is the reply to the final dot (or BDAT LAST). */
export type Stage =
  | 'route'
  | 'compose'
  | 'connect'
  | 'banner'
  | 'ehlo'
  | 'starttls'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'eom'
  | 'session';

/** Failures that arise on our side or on the wire; never dressed as an SMTP reply. */
export type LocalCause =
  | 'dns-nxdomain' // the domain does not exist (RFC 8020)
  | 'dns-nodata' // it exists but has neither MX nor address
  | 'dns-null-mx' // RFC 7505: the domain says that it takes no mail
  | 'dns-timeout'
  | 'dns-servfail' // any answer that is neither data nor a denial
  | 'mx-unresolvable' // MX records exist, none of the hosts has an address
  | 'connect-refused'
  | 'connect-timeout'
  | 'connect-unreachable'
  | 'connect-local' // we could not open a socket: descriptors, ports, source address
  | 'connection-lost' // closed or reset by the peer, or by the network
  | 'reply-timeout' // RFC 5321 §4.5.3.2
  | 'reply-malformed'
  | 'tls-failed'
  | 'tls-too-old' // the server has no TLS version that is still safe (RFC 8996)
  | 'tls-unavailable' // demanded, not offered
  | 'certificate-self-signed' // a valid certificate was demanded, as in the three below
  | 'certificate-untrusted' // issued by nobody we know, or its chain is incomplete
  | 'certificate-expired'
  | 'certificate-name' // issued for other names
  | 'dane-mismatch' // the certificate is none of those that the TLSA records name (RFC 7672)
  | 'dane-lookup-failed' // whether there are TLSA records could not be learnt safely: bogus, or no answer
  | 'dane-absent' // demanded by configuration, and there are no usable TLSA records
  | 'sts-mx-mismatch' // the MTA-STS policy of the domain names other hosts (RFC 8461 §4.1)
  | 'requiretls-unavailable' // the message may go over proven TLS only (RFC 8689), and here it cannot
  | 'size-exceeded' // larger than the SIZE that the server announced (RFC 1870)
  | 'smtputf8-unavailable' // address needs SMTPUTF8, server lacks it (RFC 6531)
  | 'compose-failed' // template or headers of this recipient could not be rendered
  | 'too-many-unknown' // several attempts were lost after the final dot; each may have arrived
  | 'expired' // the lifetime of the message ended
  | 'suppressed'
  | 'cancelled';

/** Why a server has not proved who it is. */
export type TlsProblem = 'self-signed' | 'untrusted' | 'expired' | 'name-mismatch' | 'dane-mismatch';

/** Facts of the TLS layer of the attempt; null when the session was in the clear. */
export type TlsFacts = {
  readonly version: string;
  readonly cipher: string;
  /** true when the certificate chain and the name were valid, or the certificate was what signed TLSA records say. */
  readonly verified: boolean;
  /** Why it is not verified; not stored. */
  readonly problem?: TlsProblem;
};

type OutcomeFacts = {
  readonly kind: OutcomeKind;
  readonly scope: OutcomeScope;
  readonly stage: Stage;
  /** MX host name and address tried; null before one was chosen. */
  readonly host: string | null;
  readonly address: string | null;
  /** Sending IP, null when the system chose. */
  readonly source: string | null;
  readonly tls: TlsFacts | null;
  /** From taking the session to the last reply, milliseconds. */
  readonly durationMs: number;
};

/** The receiver said it. */
export type RemoteOutcome = OutcomeFacts & { readonly origin: 'remote'; readonly reply: Reply };
/** We or the wire said it: `cause` names it, `text` is for people and never matched against reply rules. */
export type LocalOutcome = OutcomeFacts & {
  readonly origin: 'local';
  readonly cause: LocalCause;
  readonly text: string;
};

/** The value in which every attempt ends. */
export type Outcome = RemoteOutcome | LocalOutcome;
