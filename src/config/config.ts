/** A host (IP address without brackets, or name) and a port. */
export type Endpoint = { readonly host: string; readonly port: number };

/** Where mail for a domain goes without an MX look-up. `domain`: `*`, a domain, or `*.domain`; the first match wins. */
export type DeliveryRoute = { readonly domain: string; readonly host: string; readonly port: number };

/**
 * What mail to a domain demands of TLS. `none`, `opportunistic`: also where the domain publishes more; `required`: encrypted at
 * least; `verified`: with a valid certificate; `dane`: by TLSA records or not at all. The last three add to what is published.
 */
export type DeliveryTlsPolicy = {
  readonly domain: string;
  readonly mode: 'none' | 'opportunistic' | 'required' | 'verified' | 'dane';
};

/** How a new source is warmed up: from a day on (days since 1970, UTC), by a plan of warmup.yaml. */
export type SourceWarmup = { readonly start: string; readonly plan: string };

/** A sending IP address and the name it greets with. */
export type Source = {
  readonly ip: string;
  readonly hostname: string;
  readonly pool: string;
  /** null: it is warm. */
  readonly warmup: SourceWarmup | null;
};

export type SigningAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** A DKIM key: DNS has `<selector>._domainkey.<domain>`; `key` is the absolute path of the private key (PEM). */
export type SigningKey = {
  readonly selector: string;
  readonly key: string;
  readonly algorithm: SigningAlgorithm;
};

/** A domain that mail is sent for. Names are ASCII (IDNA A-labels) in lower case. */
export type SendingDomain = {
  readonly name: string;
  /** Domain of the envelope sender; bounces come back to it. */
  readonly returnPath: string;
  readonly dkim: readonly SigningKey[];
  readonly unsubscribeUrl: string | null;
  /** Test mode: what applications send for it is captured. */
  readonly sandbox: boolean;
};

/** What is done with files that do not fit, for some recipient domains. `domain`: `*`, a domain, or `*.domain`. */
export type AttachmentRule = { readonly domain: string; readonly tooLarge: 'link' | 'split' | 'refuse' };

/** A mailbox that returned mail is fetched from, where the MX of the return path is another server. */
export type ImapMailbox = {
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS from the first byte (port 993); `starttls`; `none`: in the clear, loopback only. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly user: string;
  /** Absolute path of a file whose first line is the password. */
  readonly passwordFile: string;
  readonly folder: string;
  /** Folder that taken mail is moved to; made when it is missing. */
  readonly doneFolder: string;
};

/** The key of an account with a block list; `keyFile`: the absolute path of a file whose first line it is. */
export type BlocklistAccount = { readonly name: string; readonly keyFile: string };

/** Every effective setting; frozen. Times are milliseconds (`…Ms`), sizes octets (`…Bytes`), paths absolute. */
export type Config = {
  readonly dns: {
    /** Empty: the servers of the system's resolv.conf. */
    readonly servers: readonly Endpoint[];
    readonly timeoutMs: number;
    readonly attempts: number;
    /** The AD bit of the servers' answers is believed: they validate DNSSEC, and the way to them is safe. */
    readonly trustAd: boolean;
  };
  /** Spam filters that `check message` asks besides. */
  readonly check: { readonly rspamd: Endpoint | null; readonly spamassassin: Endpoint | null };
  readonly mailbox: {
    /** IP addresses that answer whenever there is a network. */
    readonly anchors: readonly Endpoint[];
  };
  readonly delivery: {
    readonly routes: readonly DeliveryRoute[];
    readonly hostname: string;
    readonly port: number;
    readonly connectionsPerPath: number;
    /** 0: one per processor core. */
    readonly threads: number;
    readonly messagesPerConnection: number;
    readonly tls: 'none' | 'opportunistic' | 'required';
    readonly tlsCa: string | null;
    /** The first whose domain matches counts. */
    readonly tlsPolicies: readonly DeliveryTlsPolicy[];
    readonly timeouts: {
      readonly connectMs: number;
      readonly bannerMs: number;
      readonly commandMs: number;
      readonly dataMs: number;
      readonly blockMs: number;
      readonly eomMs: number;
    };
    readonly retry: {
      readonly firstMs: number;
      readonly longestMs: number;
      readonly unknownMax: number;
    };
    readonly expiryMs: number;
    /** The same for transactional mail. */
    readonly expiryTransactionalMs: number;
    /** When no bulk mail goes to those `quietHoursFor` names, `21:00-08:00`; null: there is no such time. */
    readonly quietHours: string | null;
    readonly quietHoursFor: 'carriers' | 'everyone';
    /** Where a recipient is of whom nothing else is known, a name of the IANA database; null: where this machine is. */
    readonly timezone: string | null;
  };
  readonly sources: readonly Source[];
  readonly domains: readonly SendingDomain[];
  readonly storage: {
    /** Empty: SQLite in the folder of `--data`; else `sqlite:` and an absolute folder. */
    readonly url: string;
  };
  readonly cluster: { readonly nats: string | null };
  readonly http: {
    readonly listen: Endpoint | null;
    readonly publicUrl: string;
    readonly limits: {
      /** Of a key that has no limit of its own. */
      readonly requestsPerMinute: number;
      readonly bodySizeBytes: number;
      /** A list of recipients that is uploaded. */
      readonly uploadSizeBytes: number;
    };
  };
  readonly inbound: {
    readonly listen: Endpoint | null;
    readonly tls: { readonly certificate: string | null; readonly key: string | null };
    readonly limits: {
      readonly messageSizeBytes: number;
      readonly connections: number;
      readonly connectionsPerClient: number;
      readonly mailsPerMinute: number;
      readonly recipients: number;
      readonly freeDiskBytes: number;
    };
    readonly staleAfterMs: number;
    readonly maildirs: readonly string[];
    readonly imap: readonly ImapMailbox[];
    readonly olderKeys: readonly string[];
    /** Mail that applications hand over by SMTP. */
    readonly submission: {
      readonly listen: Endpoint | null;
      readonly listenTls: Endpoint | null;
      /** null: in the data folder. */
      readonly socket: string | null;
      readonly tls: { readonly certificate: string | null; readonly key: string | null };
      readonly clearLoopback: boolean;
      readonly hideClient: boolean;
      readonly delayNoticeMs: number;
      readonly limits: {
        readonly messageSizeBytes: number;
        readonly recipients: number;
        readonly connections: number;
        readonly connectionsPerClient: number;
      };
    };
    /** Addresses that anybody may send a mail to, to have it looked at; `domain` null: there are none. */
    readonly diagnosis: { readonly domain: string | null; readonly mailsPerHour: number };
  };
  /** What applications hand over. */
  readonly outbox: {
    /** Of the bytes, after the end of their last message. */
    readonly retentionDays: number;
    readonly freeDiskBytes: number;
  };
  /** Events that go out to applications. `allowPrivate`: CIDR ranges. */
  readonly webhooks: { readonly allowPrivate: readonly string[] };
  /** TLS reports to the domains that ask for them (RFC 8460). */
  readonly tlsReports: {
    /** Sender of the reports; null: none are sent. */
    readonly from: string | null;
    readonly organization: string | null;
  };
  readonly blocklists: {
    readonly watch: boolean;
    readonly everyMs: number;
    readonly accounts: readonly BlocklistAccount[];
  };
  /** What suppresses an address by itself. */
  readonly suppression: {
    readonly hard: boolean;
    readonly complaints: boolean;
    /** Soft failures in a row; 0: never. */
    readonly softCount: number;
    readonly softWindowMs: number;
    readonly softRestMs: number;
  };
  /** The operator's own folders in the layout of `knowledge/`; they come first, in this order. */
  readonly knowledge: { readonly folders: readonly string[] };
  /** Files that go along with the mail of applications. */
  readonly attachments: {
    /** Where no rule names a limit. */
    readonly largestMessageBytes: number;
    readonly tooLarge: 'link' | 'split' | 'refuse';
    /** The first whose domain matches counts. */
    readonly rules: readonly AttachmentRule[];
    readonly links: {
      readonly lifetimeMs: number;
      /** For each recipient. */
      readonly downloads: number;
      readonly storeBytes: number;
    };
    /** `host:port`, or the absolute path of a socket. */
    readonly clamd: string | null;
  };
  readonly compose: {
    readonly limits: {
      readonly renderMs: number;
      readonly memoryBytes: number;
      readonly messageSizeBytes: number;
    };
  };
  readonly simulator: { readonly seed: string | null; readonly timeScale: number };
  readonly metrics: { readonly listen: Endpoint | null };
  readonly log: {
    readonly level: 'error' | 'warn' | 'info' | 'debug';
    readonly maskAddresses: boolean;
  };
};

/** Where an effective value came from. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'environment'; readonly name: string };

/** `default`, `todoku.yaml:12` or `env:TODOKU_DELIVERY_HOSTNAME`. */
export function originText(origin: Origin): string {
  if (origin.kind === 'default') return 'default';
  return origin.kind === 'file' ? `${origin.file}:${origin.line}` : `env:${origin.name}`;
}

/** `127.0.0.1:25`, `[::1]:25`. */
export function endpointText(endpoint: Endpoint): string {
  return endpoint.host.includes(':')
    ? `[${endpoint.host}]:${endpoint.port}`
    : `${endpoint.host}:${endpoint.port}`;
}
