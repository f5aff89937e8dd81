import type { Bilingual, Language } from '../base/index.ts';
import type { Ledger } from '../campaigns/index.ts';
import type { Config } from '../config/index.ts';
import type { ImportSummary, RejectedRow, SuppressionStore } from '../contacts/index.ts';
import type { AdviceText, Why } from '../delivery/index.ts';
import type { MessageState, Stage } from '../events/index.ts';

/** What the product is opened with. */
export type ProductSetting = {
  readonly config: Config;
  /** Absolute folder of `--data`. */
  readonly dataDirectory: string;
  readonly language: Language;
};

/** The product, opened for one command: each command adds here what it asks of it; app/wire.ts fills it. */
export interface Product {
  /** Stores a campaign and, unless told not to, delivers until nothing waits. */
  send(request: SendRequest, watch: DeliveryWatch): Promise<SendResult>;
  /** Goes on with all open campaigns. */
  resume(watch: DeliveryWatch): Promise<DeliveryResult>;
  ledger(): Ledger;
  /** Newest message first; empty when nothing is known of that address or Message-ID. */
  why(question: string): readonly Why[];
  /** null: there is no open campaign of that name. */
  cancel(campaign: string): { readonly cancelled: number } | null;
  report(campaigns: readonly string[]): DeliveryReport;
  /** What an SMTP reply means, without any data folder. */
  classify(question: ReplyQuestion): ReplyDescription;
  /** How a template file would be rendered, without any data folder. */
  inspectTemplate(file: string): Promise<TemplateDescription>;
  /** `read`: also beside a process that sends; `add` makes the data folder where there is none, `remove` does not. */
  suppressions(use: 'read' | 'add' | 'remove'): SuppressionStore;
  /** `rejected`: the first rows that could not be used. */
  importSuppressions(
    file: string,
    watch: Pick<DeliveryWatch, 'signal' | 'importing'>,
  ): Promise<{
    readonly summary: ImportSummary & { readonly added: number };
    readonly rejected: readonly RejectedRow[];
  }>;
  exportSuppressions(file: string): { readonly written: number };
  /** Lets go of the data folder, connections and timers. */
  close(): Promise<void>;
}

/** Opens the product; throws AppError when the data folder is in use, too new, or cannot be written. */
export type OpenProduct = (setting: ProductSetting) => Promise<Product>;

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
  /** Values of variables that recipients lack. */
  readonly defaults: Readonly<Record<string, string>>;
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
};

export type SendResult = DeliveryResult & { readonly rejectedRows: number; readonly duplicates: number };

export type ReplyQuestion = {
  readonly reply: string;
  readonly mxHost: string | null;
  readonly stage: Stage | null;
};

/** design.md §6: one line of `todoku classify --json`. */
export type ReplyDescription = {
  readonly verdict: string | null;
  readonly rule: string | null;
  readonly confidence: number;
  readonly party: string | null;
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

/** What `todoku demo` works with. */
export type DemoPlan = {
  readonly configFile: string;
  readonly dataFolder: string;
  readonly request: SendRequest;
};

/** Writes the demo's files into a folder. */
export type WriteDemo = (folder: string, count: number) => DemoPlan;

export type SimulationRequest = {
  readonly seed: string;
  /** null: a temporary one, removed at the end. */
  readonly folder: string | null;
  /** 0: a free one. */
  readonly port: number;
  readonly dnsPort: number;
  readonly timeScale: number;
};

/** The simulated internet, running. */
export type Simulation = {
  readonly dnsServer: string;
  readonly smtpPort: number;
  readonly caFile: string | null;
  readonly providers: readonly {
    readonly id: string;
    readonly name: Bilingual;
    readonly domains: readonly string[];
  }[];
  /** By provider. */
  stats(): Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
};

export type StartSimulation = (request: SimulationRequest) => Promise<Simulation>;
