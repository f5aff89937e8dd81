import type { DatabaseSync } from 'node:sqlite';
import type { KeyStore } from '../../access/index.ts';
import type { DecisionStore, DownloadStore } from '../../attachments/index.ts';
import type { Clock } from '../../base/index.ts';
import type { CampaignStore, DraftStore, Ledger, LedgerRow } from '../../campaigns/index.ts';
import type { SuppressionPolicy, SuppressionStore } from '../../contacts/index.ts';
import type { ListingStore } from '../../deliverability/index.ts';
import type {
  DeliveryStore,
  FailureStore,
  PaceStore,
  PathHistory,
  ReactionStore,
  SourceDay,
  WhyStore,
} from '../../delivery/index.ts';
import type { DomainStore } from '../../domains/index.ts';
import type { BodyPlace, KeepingStore, MailStore, OutboxStore } from '../../outbox/index.ts';
import type { SegmentLog } from '../segments/index.ts';
import type { SentMessages } from '../../inbound/index.ts';
import type { InboxStore } from '../../inbox/index.ts';
import type { NoticeStore } from '../../notices/index.ts';
import type { ReportStore as MailReportStore } from '../../reports/index.ts';
import type { TemplateStore } from '../../templates/index.ts';
import type { StsStore, TlsCountStore } from '../../tls/index.ts';
import type { EventFeed, WebhookStore } from '../../webhooks/index.ts';
import { bodyFiles } from './body-files.ts';
import { bodyKeeping } from './body-keeping.ts';
import { campaignAccount } from './campaign-accounts.ts';
import { campaignStore } from './campaign-store.ts';
import { decisionStore } from './decision-store.ts';
import { deliveryStore } from './delivery-store.ts';
import { eventFeed } from './event-feed.ts';
import { domainStore } from './domain-store.ts';
import { draftStore } from './draft-store.ts';
import { downloadStore } from './download-store.ts';
import { failureStore } from './failure-store.ts';
import { inboxStore } from './inbox-store.ts';
import { keyStore } from './key-store.ts';
import { ledger } from './ledger.ts';
import { listingStore } from './listing-store.ts';
import { mailReportStore } from './mail-report-store.ts';
import { paceStore } from './pace-store.ts';
import { pathHistory } from './path-history.ts';
import { mailStore } from './mail-store.ts';
import { noticeStore } from './notice-store.ts';
import { outboxStore } from './outbox-store.ts';
import { outcomeCounts, topReasons } from './outcome-counts.ts';
import type { OutcomeCount, ReasonCount } from './outcome-counts.ts';
import { pendingNews } from './pending-news.ts';
import { reactionStore } from './reaction-store.ts';
import { returnedBounds } from './returned-bounds.ts';
import { returnedStore } from './returned-store.ts';
import type { ReturnedStore } from './returned-store.ts';
import { sourceDays } from './source-days.ts';
import { sentMessages } from './sent-messages.ts';
import { storageError } from './storage-errors.ts';
import { suppressionRows } from './suppression-rows.ts';
import { suppressionStore } from './suppression-store.ts';
import { createSuppressor } from './suppressor.ts';
import { stsStore, tlsCountStore } from './tls-store.ts';
import { templateStore } from './template-store.ts';
import { waitingCount } from './waiting-count.ts';
import { webhookStore } from './webhook-store.ts';
import { whyStore } from './why-store.ts';
import { createWriter } from './writer.ts';
import type { WritingParts } from './writing-parts.ts';

/** Numbers over what happened, for tables and summaries. */
export interface ReportStore {
  ledger(): Ledger;
  /** One campaign of it; null: there is none. */
  account(campaignId: number): LedgerRow | null;
  outcomeCounts(campaignId: number): readonly OutcomeCount[];
  topReasons(campaignId: number, limit: number): readonly ReasonCount[];
}

/**
 * One opened data folder. A full or failing disk is a `StorageFull` from whichever call met it; what that call was to
 * write is then not there, and the same call may be tried again.
 */
export type Store = {
  /** Absolute. */
  readonly folder: string;
  /** 32 bytes that sign return paths; the same for the life of the folder. */
  readonly secret: Buffer;
  readonly campaigns: CampaignStore;
  readonly delivery: DeliveryStore;
  /** What sources have shown to providers, since a day (days since 1970, UTC). */
  readonly sourceDays: { since(day: number): readonly SourceDay[] };
  /** What reactions to replies did, and the replies. */
  readonly reactions: ReactionStore;
  readonly suppressions: SuppressionStore;
  readonly returned: ReturnedStore;
  /** For matching mail that came back. */
  readonly sent: SentMessages;
  readonly why: WhyStore;
  readonly failures: FailureStore;
  readonly reports: ReportStore;
  /** MTA-STS policies of recipient domains. */
  readonly stsPolicies: StsStore;
  /** Sessions by what TLS was like. */
  readonly tlsCounts: TlsCountStore;
  /** What was learnt of the ways out. */
  readonly paces: PaceStore;
  /** What is on record of them. */
  readonly paths: PathHistory;
  /** What block lists said of our sources and domains. */
  readonly listings: ListingStore;
  /** DMARC and TLS reports. */
  readonly mailReports: MailReportStore;
  /** What happened to messages, in one order. */
  readonly events: EventFeed;
  /** Endpoints that are told of it. */
  readonly webhooks: WebhookStore;
  /** Keys of applications. */
  readonly keys: KeyStore;
  /** Files behind download links. */
  readonly downloads: DownloadStore;
  /** How files got to recipients. */
  readonly attachmentDecisions: DecisionStore;
  readonly inbox: InboxStore;
  /** Templates that they store. */
  readonly templates: TemplateStore;
  /** Sending domains beside those of the configuration. */
  readonly domains: DomainStore;
  /** Campaigns without recipients. */
  readonly drafts: DraftStore;
  /** Where applications' mail is stored, and what became of it. */
  readonly outbox: OutboxStore;
  readonly mails: MailStore;
  /** What submitters are to be told. */
  readonly notices: NoticeStore;
  /** Their bytes, and which of them are still wanted. */
  readonly bodies: {
    /** null: no longer kept, or damaged. */
    read(place: BodyPlace): Buffer | null;
    /** Opens them for writing; once, by the process that works. */
    openLog(): Promise<SegmentLog>;
  };
  readonly keeping: KeepingStore;
  /** Whether a process works in the folder now: else what waits does so because nothing runs. */
  isWorking(): boolean;
  /** Lets go of files and lock; may be called any number of times. */
  close(): void;
};

export type StoreParts = {
  readonly db: DatabaseSync;
  readonly folder: string;
  readonly secret: Buffer;
  readonly clock: Clock;
  readonly policy: SuppressionPolicy;
  readonly isWriter: boolean;
  isWorking(): boolean;
  close(): void;
};

/** Puts the parts together over one open database whose schema is current. */
export function assembleStore(parts: StoreParts): Store {
  const { db, folder, clock } = parts;
  const writer = createWriter(db);
  const waiting = waitingCount(db, parts.isWriter);
  const rows = suppressionRows(db, clock);
  const suppressor = createSuppressor({ db, rows, policy: parts.policy });
  const pending = pendingNews(db);
  const writing: WritingParts = { db, clock, writer, waiting, suppressor, pending };
  const reports: ReportStore = {
    ledger: () => ledger(db),
    account: (campaignId) => campaignAccount(db, campaignId),
    outcomeCounts: (campaignId) => outcomeCounts(db, campaignId),
    topReasons: (campaignId, limit) => topReasons(db, campaignId, limit),
  };
  const bodies = bodyFiles(db, folder);
  const presence = guarded({ isWorking: () => parts.isWorking() }, folder);
  return {
    folder,
    secret: parts.secret,
    campaigns: guarded(campaignStore(writing), folder),
    delivery: guarded(deliveryStore(writing), folder),
    sourceDays: guarded(sourceDays(db), folder),
    reactions: guarded(reactionStore({ db, writer }), folder),
    suppressions: guarded(suppressionStore({ db, clock, writer, rows }), folder),
    returned: guarded(returnedStore({ db, writer, suppressor, pending, bounds: returnedBounds(db) }), folder),
    sent: guarded(sentMessages(db), folder),
    why: guarded(whyStore(db), folder),
    failures: guarded(failureStore(db), folder),
    reports: guarded(reports, folder),
    stsPolicies: guarded(stsStore(db, writer), folder),
    tlsCounts: guarded(tlsCountStore(db, writer), folder),
    paces: guarded(paceStore(db, writer), folder),
    paths: guarded(pathHistory(db), folder),
    listings: guarded(listingStore(db, writer), folder),
    mailReports: guarded(mailReportStore(db, writer), folder),
    events: guarded(eventFeed(db, writer), folder),
    webhooks: guarded(webhookStore(db, writer), folder),
    keys: guarded(keyStore(db, writer), folder),
    downloads: guarded(downloadStore(db, writer), folder),
    attachmentDecisions: guarded(decisionStore(db, writer), folder),
    inbox: guarded(inboxStore(db, writer), folder),
    templates: guarded(templateStore(db, writer), folder),
    domains: guarded(domainStore(db, writer), folder),
    drafts: guarded(draftStore(db, writer), folder),
    outbox: guarded(outboxStore(writing), folder),
    mails: guarded(mailStore({ ...writing, readBody: (place) => bodies.read(place) }), folder),
    notices: guarded(noticeStore(db, writer), folder),
    bodies: guarded(bodies, folder),
    keeping: guarded(bodyKeeping(db, writer), folder),
    isWorking: () => presence.isWorking(),
    close() {
      bodies.close();
      if (db.isOpen) parts.close();
    },
  };
}

type Call = (...parameters: readonly unknown[]) => unknown;

/** The same port, whose calls tell a full, failing or damaged disk as an `AppError`. */
function guarded<Port extends object>(port: Port, folder: string): Port {
  const wrapped = new Map<Call, Call>();
  const wrap = (call: Call): Call => {
    return (...parameters) => {
      try {
        return call(...parameters);
      } catch (error) {
        throw storageError(error, folder);
      }
    };
  };
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (!isCall(member)) return member;
      const known = wrapped.get(member) ?? wrap(member);
      wrapped.set(member, known);
      return known;
    },
  });
}

function isCall(member: unknown): member is Call {
  return typeof member === 'function';
}
