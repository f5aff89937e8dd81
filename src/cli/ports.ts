import type { AccessKey, KeyRequest, MadeKey } from '../access/index.ts';
import type { Bilingual, Language } from '../base/index.ts';
import type { Ledger } from '../campaigns/index.ts';
import type { Config } from '../config/index.ts';
import type { ImportSummary, NewSuppression, RejectedRow, SuppressionStore } from '../contacts/index.ts';
import type {
  AdviceText,
  Failure,
  FailureCounts,
  FailureFilter,
  PathAccount,
  PathExplanation,
  Reaction,
  SourceFinding,
  Suspension,
  WarmupStep,
  Why,
} from '../delivery/index.ts';
import type { MessageState, Stage, Stream } from '../events/index.ts';
import type { Inbox } from '../inbox/index.ts';
import type { Posted, Webhook, WebhookCounts, WebhookRequest } from '../webhooks/index.ts';
import type { CheckCommands } from './check-commands.ts';
import type { SentReport, TlsReportState } from '../tls/index.ts';
import type { Report, ReportReading, ReportsTaken, ReportStore } from '../reports/index.ts';
import type { SendmailOptions } from './sendmail-options.ts';

export type {
  DomainAnswer,
  DomainRequest,
  DomainSetup,
  DomainVerification,
  RotationAnswer,
} from './domain-ports.ts';

/** What the product is opened with. */
export type ProductSetting = {
  readonly config: Config;
  /** Absolute folder of `--data`. */
  readonly dataDirectory: string;
  readonly language: Language;
};

export type LocalRequest = {
  readonly input: Buffer;
  readonly options: SendmailOptions;
  /** A Todoku elsewhere; the token is the password in the URL, or stands beside it. null: here. */
  readonly url: { readonly url: string; readonly token: string | null } | null;
};

export type LocalAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'no-recipients' }
  | { readonly kind: 'unreachable' }
  | {
      readonly kind: 'refused';
      readonly code: number;
      /** With its RFC 3463 status. */
      readonly text: string;
      readonly at: 'login' | 'mail' | 'rcpt' | 'data';
    };

/** The product, opened for one command: each command adds here what it asks of it; app/wire.ts fills it. */
export interface Product extends CheckCommands {
  /** Stores a campaign and, unless told not to, delivers until nothing waits. */
  send(request: SendRequest, watch: DeliveryWatch): Promise<SendResult>;
  /** Goes on with all open campaigns. */
  resume(watch: DeliveryWatch): Promise<DeliveryResult>;
  /** Takes returned mail and delivers open campaigns until the signal aborts. */
  serve(watch: ServeWatch): Promise<ServeResult>;
  /** Takes returned mail out of files, Maildir folders and mailboxes, once. */
  takeIn(request: IntakeRequest, watch: IntakeWatch): Promise<IntakeResult>;
  /** Takes a mail of a program of this machine; to a Todoku that runs, or into the store. */
  handOver(request: LocalRequest): Promise<LocalAnswer>;
  /** Commands of SMTP between a program and the Todoku that runs here; false: none does. */
  submissionSession(from: NodeJS.ReadableStream, to: NodeJS.WritableStream): Promise<boolean>;
  ledger(): Ledger;
  /** Newest message first; empty when nothing is known of that address or Message-ID. */
  why(question: string): readonly Why[];
  /** The error history; throws AppError for names that are not known. Reads beside a process that sends. */
  errors(question: ErrorQuestion): ErrorHistory;
  /** Ways out that something was learnt of, or that are held. Reads beside a process that sends. */
  listPaths(): readonly PathAccount[];
  /** The ways to a site, also one that was never mailed. */
  explainPaths(question: { readonly site: string; readonly source: string | null }): Promise<ExplainedSite>;
  /** The configured sources, and how far each is warmed up. */
  listSources(): readonly SourceAccount[];
  /** Asks the system and the DNS about the sources; null: about all. */
  checkSources(ip: string | null): Promise<readonly SourceCheck[]>;
  /** What reactions to replies stop now. */
  stopsInForce(): readonly StopInForce[];
  /** Lifts stops before their time. Asks the process that delivers, where there is one. */
  liftStops(question: LiftQuestion): LiftedStops;
  /** Tries reaction rules on the replies on record; `rules` null: those in force. */
  replayRules(question: { readonly sinceMs: number; readonly rules: string | null }): ReplayAnswer;
  /** null: there is no open campaign of that name. */
  cancel(campaign: string): Promise<{ readonly cancelled: number } | null>;
  /** Asks the process that serves, where there is one. */
  makeKey(request: KeyRequest): Promise<MadeKey>;
  /** Mail of test mode. */
  inbox(): Inbox;
  /** Endpoints that are told of events. */
  webhooks(): WebhookCommands;
  /** Every key that was ever made, oldest first. */
  keys(): readonly AccessKey[];
  /** false: there is none in force of that id. */
  revokeKey(id: string): Promise<boolean>;
  report(campaigns: readonly string[]): DeliveryReport;
  /** What an SMTP reply means, without any data folder. */
  classify(question: ReplyQuestion): ReplyDescription;
  /** What returned mails mean, a recipient at a time; names are looked up before the first is read. */
  classifyFiles(
    files: readonly string[],
    stdin: AsyncIterable<Uint8Array | string>,
  ): AsyncIterable<ReturnedMailDescription>;
  /** How a template file would be rendered, without any data folder. */
  inspectTemplate(file: string): Promise<TemplateDescription>;
  /** For reading, also beside a process that works. */
  suppressions(): Omit<SuppressionStore, 'add' | 'remove'>;
  /** Makes the data folder where there is none. Asks the process that serves, where there is one. */
  suppress(batch: readonly NewSuppression[]): Promise<{ readonly added: number }>;
  liftSuppressions(
    ...facts: Parameters<SuppressionStore['remove']>
  ): Promise<ReturnType<SuppressionStore['remove']>>;
  /** `rejected`: the first rows that could not be used. */
  importSuppressions(
    file: string,
    watch: Pick<DeliveryWatch, 'signal' | 'importing'>,
  ): Promise<{
    readonly summary: ImportSummary & { readonly added: number };
    readonly rejected: readonly RejectedRow[];
  }>;
  exportSuppressions(file: string): { readonly written: number };
  /** What files of reports say, one after the other, without any data folder; throws at once when one is no file. */
  readReports(files: readonly string[]): Iterable<ReadReportFile>;
  /** Keeps them for the summaries; makes the data folder where there is none. */
  storeReports(reports: readonly Report[]): ReportsTaken;
  /** Reports kept; read beside a process that sends. */
  mailReports(): Pick<ReportStore, 'list' | 'dmarc' | 'tls'>;
  /** Sessions counted for reports to others, newest day first; `day` null: all. */
  tlsReports(day: string | null): readonly TlsReportState[];
  /** The report of a day about a domain as it would be sent; null: nothing was counted. */
  makeTlsReport(day: string, domain: string): Readonly<Record<string, unknown>> | null;
  /** Sends the reports of all days that are over to whoever asks for them. */
  sendTlsReports(): Promise<readonly SentReport[]>;
  /** Lets go of the data folder, connections and timers. */
  close(): Promise<void>;
}

export type WebhookAccount = Webhook & Partial<WebhookCounts>;

/** `todoku webhook …`; changes are made here, or by the process that serves. */
export type WebhookCommands = {
  /** Throws AppError when something in it cannot be used. `sinceMs` null: events from now on. */
  add(request: WebhookRequest & { readonly sinceMs: number | null }): Promise<Webhook>;
  list(): readonly WebhookAccount[];
  /** null: there is none. */
  test(id: string): Promise<Posted | null>;
  /** false: there is none. */
  remove(id: string): Promise<boolean>;
  /** The new secret; null: there is none. */
  rotate(id: string, overlapMs: number): Promise<string | null>;
  /** `sinceMs` null: what was given up. null: there is none. */
  replay(id: string, sinceMs: number | null): Promise<{ readonly revived: number } | null>;
  /** false: it is not paused; null: there is none. */
  resume(id: string): Promise<boolean | null>;
};

/** Opens the product; throws AppError when the data folder is in use, too new, or cannot be written. */
export type OpenProduct = (setting: ProductSetting) => Promise<Product>;

/** A mailbox to look at: an address, or servers named by hand, or both. The password is kept nowhere. */
export type MailboxRequest = {
  readonly address: string | null;
  readonly services: readonly MailServer[];
  readonly user: string | null;
  readonly password: string | null;
  readonly sender: string | null;
  readonly roundTripMs: number | null;
  /** null: the usual one. */
  readonly sievePort: number | null;
};

export type MailServer = {
  readonly protocol: 'imap' | 'pop' | 'smtp';
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls';
};

/** A campaign as given on the command line. Files are paths. */
export type SendRequest = {
  readonly from: string;
  readonly replyTo: string | null;
  readonly subject: string;
  /** HTML, or text when its name ends in `.txt`. */
  readonly template: string;
  readonly text: string | null;
  readonly recipients: string;
  /** Signing domain; null: that of From. */
  readonly domain: string | null;
  /** The list it goes to, whose suppressions count; null: none but its own name. */
  readonly list: string | null;
  /** Values of variables that recipients lack. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Proven TLS all the way, or bounced (RFC 8689). */
  readonly requireTls: boolean;
  readonly stream: Stream;
  /** Hours in which it may be sent, `09:00-20:00`; null: at any time, but for the quiet hours. */
  readonly window: string | null;
  /** Of recipients whose row does not say; null: unknown. */
  readonly timezone: string | null;
  /** Where to write the rows that were left out; null: nowhere. */
  readonly rejected: string | null;
  /** false: store only. */
  readonly deliver: boolean;
};

/** What a command shows while it goes. */
export type DeliveryWatch = {
  /** Stops cleanly: what is under way ends, the rest waits for `todoku resume`. */
  readonly signal: AbortSignal;
  readonly importing: (bytesRead: number, bytesTotal: number, rows: number) => void;
  readonly imported: (summary: ImportSummary, examples: readonly RejectedRow[]) => void;
  readonly delivering: (progress: DeliveryProgress) => void;
  /** A line worth keeping: a hold, a full disk, a missing key. */
  readonly remark: (text: Bilingual) => void;
};

/** Where a running Todoku takes returned mail, and what it found to send. */
export type ServeStart = {
  /** Where it listens; null: nowhere. */
  readonly smtp: { readonly host: string; readonly port: number } | null;
  /** Domains whose signed return paths it takes. */
  readonly returnPaths: readonly string[];
  readonly maildirs: readonly string[];
  /** `user@host/folder`. */
  readonly imap: readonly string[];
  /** Messages of open campaigns that are not settled. */
  readonly waiting: number;
  /** Everything that listens, by name: `inbound`, `http`, `submission`, `metrics`. */
  readonly doors: readonly {
    readonly name: string;
    readonly places: readonly { readonly host: string; readonly port: number }[];
  }[];
};

export type ServeWatch = Pick<DeliveryWatch, 'signal' | 'delivering' | 'remark'> & {
  readonly started: (start: ServeStart) => void;
  /** Where the lines of the log go; null: somebody looks at a terminal, and gets remarks instead. */
  readonly logLine: ((line: string) => void) | null;
  /** Start and end are told elsewhere: the log has what is out of the ordinary. */
  readonly quiet: boolean;
};

/** Mails by what became of them: read as news, an unsubscribe, a report; kept for people; of no use; refused by SMTP. */
export type TakenMails = Readonly<
  Record<'news' | 'unsubscribe' | 'report' | 'kept' | 'ignored' | 'refused', number>
>;

export type ServeResult = { readonly taken: TakenMails; readonly ledger: Ledger };

/** `imap`: also from the configured mailboxes. */
export type IntakeRequest = { readonly paths: readonly string[]; readonly imap: boolean };

export type IntakeWatch = Pick<DeliveryWatch, 'signal' | 'remark'> & {
  /** Mails taken so far. */
  readonly progress: (mails: number) => void;
};

export type IntakeResult = {
  readonly taken: Omit<TakenMails, 'refused'>;
  readonly skipped: number;
  /** Ctrl-C: what is counted was taken, the rest is where it was. */
  readonly interrupted: boolean;
};

/** One provider's numbers of this run; what has no provider known to us is counted together. */
export type ProviderProgress = {
  readonly provider: Bilingual;
  readonly sent: number;
  readonly deferred: number;
  readonly refused: number;
  /** Sent in the last seconds, per second. */
  readonly perSecond: number;
};

export type DeliveryProgress = {
  readonly providers: readonly ProviderProgress[];
  readonly total: number;
  /** Messages that reached a final state in this run. */
  readonly done: number;
  readonly seconds: number;
};

/** design.md §6: the answer of `send` and `resume`. */
export type DeliveryResult = {
  /** Public name; null when there was none or there were several. */
  readonly campaign: string | null;
  readonly campaigns: readonly string[];
  readonly accepted: number;
  readonly delivered: number;
  readonly bounced: number;
  readonly suppressed: number;
  readonly expired: number;
  readonly cancelled: number;
  readonly waiting: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** User and system time of this process while it delivered. */
  readonly cpuSeconds: number;
  /** Attempts of this run whose connection was lost after the final dot: each may have arrived. */
  readonly unknown: number;
  /** Ended by a signal while something waited. */
  readonly interrupted: boolean;
  /** The process that serves in the folder does the work, and goes on with it. */
  readonly handedOver: boolean;
};

export type SendResult = DeliveryResult & { readonly rejectedRows: number; readonly duplicates: number };

export type ReplyQuestion = {
  readonly reply: string;
  readonly mxHost: string | null;
  readonly stage: Stage | null;
};

/** One file given to `todoku report`. */
export type ReadReportFile = { readonly file: string; readonly reading: ReportReading };

/** design.md §6: one line of `todoku classify --json`. */
export type ReplyDescription = {
  readonly verdict: string | null;
  readonly rule: string | null;
  readonly confidence: number;
  readonly party: string | null;
  readonly advice: { readonly ja: AdviceText; readonly en: AdviceText } | null;
};

/** design.md §6: one line of `todoku classify --json FILE`, and more. An ordinary mail has no verdict. */
export type ReturnedMailDescription = {
  readonly file: string;
  /** Which mail of the file, from 1. */
  readonly mail: number;
  /** Which recipient of the mail, from 1. */
  readonly index: number;
  readonly kind: string;
  readonly form: string | null;
  readonly recipient: string | null;
  readonly action: string | null;
  readonly replyCode: string | null;
  readonly status: string | null;
  readonly verdict: string | null;
  readonly hardBounce: boolean;
  readonly feedbackType: string | null;
  readonly provider: string | null;
  readonly rule: string | null;
  readonly confidence: number;
  readonly party: string | null;
  readonly said: string | null;
  readonly advice: { readonly ja: AdviceText; readonly en: AdviceText } | null;
};

/** How a template is rendered and what it asks of a recipient. */
export type TemplateDescription = {
  readonly template: string;
  /** false: the parts in `reason` are rendered by liquidjs itself. */
  readonly compiled: boolean;
  readonly reason: string | null;
  readonly left: readonly { readonly tag: string; readonly line: number }[];
  readonly segments: number;
  readonly slots: number;
  /** One entry a place; `guarded`: a recipient without it does no harm there. */
  readonly variables: readonly {
    readonly name: string;
    readonly line: number;
    readonly column: number;
    readonly guarded: boolean;
  }[];
};

/** What is asked of the error history; null and an empty list ask nothing. */
export type ErrorQuestion = Omit<FailureFilter, 'campaignId'> & { readonly campaign: string | null };

/** The answer of `todoku path explain`, a path for each source. */
export type ExplainedSite = {
  readonly asked: string;
  readonly site: string;
  readonly mxHosts: readonly string[];
  /** Id in the knowledge base; null: nobody known to us. */
  readonly provider: string | null;
  /** How the site was found: on record, by a route of the configuration, by the DNS; `unknown`: by its name alone. */
  readonly route: 'recorded' | 'configured' | 'dns' | 'unknown';
  /** `warmup`: where the source stands with this provider; null: it is warm. */
  readonly paths: readonly (PathExplanation & { readonly warmup: SourceStanding | null })[];
};

/** Where a source stands with one provider (null: those not known to us), and what its plan has for it. */
export type SourceStanding = WarmupStep & {
  readonly provider: string | null;
  readonly sentToday: number;
  readonly badToday: number;
  readonly days: readonly number[];
  /** `date`: UTC. */
  readonly history: readonly { readonly date: string; readonly messages: number; readonly bad: number }[];
};

/** A sending address; `warmup` null: it is warm. */
export type SourceAccount = {
  readonly ip: string;
  readonly hostname: string;
  readonly pool: string;
  readonly warmup: {
    readonly start: string;
    readonly plan: string;
    readonly providers: readonly SourceStanding[];
  } | null;
};

export type SourceCheck = Omit<SourceAccount, 'warmup'> & { readonly findings: readonly SourceFinding[] };

/** A stop that reactions to replies made. Times are ISO 8601. */
export type StopInForce = {
  readonly scope: Suspension['target']['scope'];
  readonly site: string | null;
  readonly source: string | null;
  readonly domain: string | null;
  readonly campaign: string | null;
  readonly rule: string;
  readonly because: string;
  readonly meaning: Bilingual;
  /** The receiver's words, or the numbers. */
  readonly detail: string;
  readonly since: string;
  readonly until: string;
};

/** Which stops are to be lifted; null asks nothing of that kind. */
export type LiftQuestion = {
  readonly site: string | null;
  readonly source: string | null;
  readonly campaign: string | null;
};

/** `asked`: another process works there, and was asked to do it. */
export type LiftedStops = { readonly lifted: number; readonly asked: boolean };

/** What a rule did or would have done. Times are ISO 8601. */
export type ReplayedReaction = Pick<Reaction, 'do' | 'rule' | 'factor' | 'provider' | 'verdict' | 'detail'> &
  Pick<StopInForce, 'scope' | 'site' | 'source' | 'domain' | 'campaign'> & {
    readonly at: string;
    readonly until: string | null;
  };

/** The answer of `todoku path replay`. */
export type ReplayAnswer = {
  readonly since: string;
  /** Ids of the rules that were tried. */
  readonly rules: readonly string[];
  readonly replies: number;
  readonly would: readonly ReplayedReaction[];
  /** Attempts on record that would not have been made, by what became of them. */
  readonly spared: { readonly delivered: number; readonly failed: number };
  /** What was done at the time. */
  readonly did: readonly ReplayedReaction[];
};

/** One line of `todoku errors --json`. */
export type ErrorEntry = Omit<Failure, 'atMs' | 'messageId' | 'senderDomain'> & {
  readonly at: string;
  /** Message-ID; null for returned mail that matches no message. */
  readonly message: string | null;
};

export interface ErrorHistory {
  /** Newest first; `limit` 1–1,000. */
  page(
    cursor: string | null,
    limit: number,
  ): { readonly items: readonly ErrorEntry[]; readonly next: string | null };
  counts(): FailureCounts;
  /** Writes everything that was asked for; answers the number of rows. */
  writeCsv(file: string): number;
}

/** What became of campaigns, for people. */
export type DeliveryReport = {
  readonly providers: readonly ({ readonly provider: Bilingual; readonly accepted: number } & {
    readonly [State in MessageState]: number;
  })[];
  /** Why messages did not arrive, most frequent first. */
  readonly reasons: readonly {
    readonly title: Bilingual;
    readonly party: string;
    readonly state: MessageState;
    readonly count: number;
    readonly example: string;
  }[];
};
