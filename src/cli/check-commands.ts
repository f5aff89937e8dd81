import type { Bilingual } from '../base/index.ts';
import type { Faults } from '../deliverability/index.ts';
import type { CheckAnswer } from './check-answer.ts';
import type {
  AddressListAnswer,
  AddressListRequest,
  AddressListWatch,
  ListingHistory,
} from './check-ports.ts';
import type {
  DomainAnswer,
  DomainRequest,
  DomainSetup,
  DomainVerification,
  RotationAnswer,
} from './domain-ports.ts';
import type { DiagnosisInbox } from './diagnosis-inbox.ts';
import type { MessageAnswer, MessageRequest } from './message-request.ts';
import type { ArchiveRequest, ArchiveResult, ArchiveWatch, ImapSource } from '../mailbox/index.ts';
import type { MailboxRequest } from './ports.ts';

/** What commands ask of the product to find out why mail does not arrive. */
export interface CheckCommands {
  /** What a domain publishes about its mail, and the rules of providers; `done` as each part ends. */
  checkDomain(request: DomainRequest, done: (part: string) => void): Promise<DomainAnswer>;
  /** What to publish for a domain; makes a DKIM key where it has none. */
  setUpDomain(domain: string): Promise<DomainSetup>;
  /** Whether it is published. */
  verifyDomain(domain: string): Promise<DomainVerification>;
  /** Takes the change of a domain's DKIM key one step further. */
  rotateKeys(request: { readonly domain: string; readonly isNew: boolean }): Promise<RotationAnswer>;
  /** What can be told of addresses without asking their servers. */
  checkAddresses(addresses: readonly string[]): Promise<CheckAnswer>;
  /** What people are asked to find out why mail does not arrive. Reads the knowledge base and nothing else. */
  faults(): Faults;
  /** Why somebody cannot send or receive; `progress` hears what is being looked at. */
  checkMailbox(request: MailboxRequest, progress: (step: Bilingual) => void): Promise<CheckAnswer>;
  /** What receivers would find in a mail, and its points. */
  checkMessage(request: MessageRequest): Promise<MessageAnswer>;
  /** A new address that looks at what is sent to it; throws AppError when the configuration has no domain for them. */
  newDiagnosisInbox(): DiagnosisInbox;
  /** What was found in the last mail to that address; null: nothing came, or too long ago. */
  diagnosisResult(id: string): MessageAnswer | null;
  /** The same of a whole list of recipients. */
  checkAddressList(request: AddressListRequest, watch: AddressListWatch): Promise<AddressListAnswer>;
  /** What block lists say of IP addresses and domains; none given: of our own. `onAnswer`: how many have answered. */
  checkListings(subjects: readonly string[], onAnswer: (answers: number) => void): Promise<CheckAnswer>;
  /** What lists were seen to say of our sources and domains, and changed; null: of all. Reads beside a process that serves. */
  listingHistory(subject: string | null): ListingHistory;
  /** Local mail stores at these paths and below: whether they are whole, and fit. */
  checkStores(
    paths: readonly string[],
    watch: {
      readonly signal: AbortSignal;
      progress(path: string, done: number, all: number | null): void;
    },
  ): Promise<CheckAnswer>;
  /** Moves old mail of an mbox, a Maildir or an IMAP folder into a folder for each year. */
  archiveMail(
    request: Omit<ArchiveRequest, 'source'> & { readonly source: string | Omit<ImapSource, 'authorities'> },
    watch: Pick<ArchiveWatch, 'signal' | 'planned' | 'progress'>,
  ): Promise<ArchiveResult>;
}
