import type { Clock } from '../../base/index.ts';
import type { FindingMaker } from '../../findings/index.ts';
import type { Resolver } from '../../net/dns/index.ts';
import type { TlsProof } from '../../net/smtp-client/index.ts';
import type { StsFetched } from '../../tls/index.ts';
import type { Blocklist } from '../blocklists/blocklist.ts';

/** A DKIM key to look for: at `<selector>._domainkey.<signingDomain>`. */
export type ExpectedKey = {
  readonly selector: string;
  /** p= of the record that fits our private key; null: it is not ours, any key will do. */
  readonly publicKey: string | null;
};

/** `hostname`: what it greets with; null: not known. */
export type SendingSource = { readonly ip: string; readonly hostname: string | null };

/** Whether the mail port of an address can be reached; `text`: what was seen. */
export type PortSight = {
  readonly open: boolean;
  /** The server's certificate is what was asked for; null: nothing was asked, or it was not seen. */
  readonly proven: boolean | null;
  readonly text: string;
};

/** What a check of a domain is about, besides its name. */
export type DomainQuestion = {
  /** A-labels in lower case. */
  readonly domain: string;
  /** Domain of the envelope sender. */
  readonly returnPath: string;
  /** It is one of ours: mail is sent for it with these keys. */
  readonly isOurs: boolean;
  /** d= of the signatures: the domain, or the configured one above it. */
  readonly signingDomain: string;
  readonly keys: readonly ExpectedKey[];
  readonly sources: readonly SendingSource[];
};

export type MailPort = { readonly host: string; readonly address: string };

/** What a check of a domain needs of the outside. */
export type DomainTools = {
  readonly finding: FindingMaker;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: () => number;
  readonly lists: readonly Blocklist[];
  /** The servers validate DNSSEC and are trusted: without it nobody here can tell whether DANE counts. */
  readonly trustsDnssec: boolean;
  /** Tries the mail port of an address; `proof`: what its certificate has to prove, null: nothing. */
  readonly reach: (place: MailPort, proof: TlsProof | null) => Promise<PortSight>;
  /** Gets the MTA-STS policy file of a domain. */
  readonly fetchSts: (domain: string) => Promise<StsFetched>;
};
