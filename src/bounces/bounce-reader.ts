import type { Knowledge } from '../knowledge/index.ts';
import { headerText, rawValue, readMime, type MimePart } from '../protocol/mime/index.ts';
import { createClassifier, type Classifier } from '../replies/index.ts';
import { subjectOf, takeApart, type Anatomy } from './anatomy.ts';
import { readAutoReply } from './auto-reply.ts';
import { isSystem, leastSigns, weighSigns } from './bounce-signs.ts';
import { readDeliveryStatus } from './delivery-status.ts';
import { readFeedback } from './feedback-report.ts';
import { forwardedText } from './forwarded-text.ts';
import { judge } from './judge.ts';
import { mailOfNotification, merged } from './notification-mail.ts';
import {
  looksLikeJson,
  readNotifications,
  readNotificationWithin,
} from './notifications/read-notifications.ts';
import { describeOriginal } from './original-mail.ts';
import { formOf } from './report-form.ts';
import type { RecipientFacts, RecipientReport, ReturnedMail } from './returned-mail.ts';
import { readReportInWords, saysWhoFailed, withWords } from './report-in-words.ts';
import { complaintReports, noticeReports, vacationReport } from './plain-reports.ts';

export type BounceReader = {
  /** Reads one mail, or one notification of a sending service in JSON. Never throws, whatever the bytes are. */
  read(mail: Uint8Array): ReturnedMail;
  /** The same, with each notification of a list by itself. */
  readAll(mail: Uint8Array): readonly ReturnedMail[];
};

const ordinary: ReturnedMail = { kind: 'none', form: null, reports: [], original: null };

// What is judged of all recipients together; each of a few has its 4 KB (`longestReplyChars`), each of hundreds its first lines.
const mostJudgedChars = 65_536;
/** A reply line (RFC 5321 §4.5.3.1.5). */
const leastWordsChars = 512;

/** A bounce within a bounce within a forward: deeper ones are looked at by nobody. */
const deepestForward = 3;

/** One call of a webhook brings at most so many (SendGrid's manual: some hundred); a longer list is `readAll`'s. */
const mostAtOnce = 1_000;

/** Makes a reader from the knowledge. */
export function createBounceReader(knowledge: Knowledge): BounceReader {
  const classifier = createClassifier(knowledge);
  const readMost = (mail: Uint8Array, most: number): readonly ReturnedMail[] => {
    const head = Buffer.from(mail.subarray(0, 1_000)).toString('latin1');
    const notifications = looksLikeJson(head)
      ? readNotifications(Buffer.from(mail).toString('utf8'), most)
      : [];
    if (notifications.length > 0) return notifications.map((each) => mailOfNotification(each, classifier));
    return [readPart(readMime(mail), classifier, 0)];
  };
  return {
    readAll: (mail) => readMost(mail, Number.POSITIVE_INFINITY),
    read: (mail) => merged(readMost(mail, mostAtOnce)) ?? ordinary,
  };
}

function readPart(mail: MimePart, classifier: Classifier, depth: number): ReturnedMail {
  const anatomy = takeApart(mail);
  return (
    readComplaint(anatomy) ??
    readServiceMail(anatomy, classifier) ??
    readBounce(anatomy, classifier) ??
    readReply(anatomy) ??
    readReceipt(anatomy) ??
    readForwarded(anatomy, classifier, depth) ??
    readPassedOn(anatomy, classifier, depth) ??
    ordinary
  );
}

function readComplaint(anatomy: Anatomy): ReturnedMail | null {
  const facts = readFeedback(anatomy);
  if (facts === null) return null;
  return {
    kind: 'complaint',
    form: facts.form,
    reports: complaintReports(facts),
    original: describeOriginal(anatomy.originalFields),
  };
}

function readBounce(anatomy: Anatomy, classifier: Classifier): ReturnedMail | null {
  const signs = weighSigns(anatomy);
  // Just short of enough: the address that a failure is said of, by mail software's own name, makes it enough.
  const nearly = signs === leastSigns - 1 && isSystem(anatomy.mail) && saysWhoFailed(anatomy);
  if (signs < leastSigns && !nearly) return null;
  const status = readDeliveryStatus(anatomy.statusTexts);
  const facts = status.length > 0 ? withWords(status, anatomy) : readReportInWords(anatomy, signs);
  if (facts.length === 0) return null;
  const wordsChars = Math.max(leastWordsChars, Math.floor(mostJudgedChars / facts.length));
  const reports = facts.map((each) =>
    isSuccess(each)
      ? noticeReports(each)
      : judge({ ...each, words: each.words.map((words) => words.slice(0, wordsChars)) }, classifier),
  );
  return {
    kind: kindOf(facts),
    form: status.length > 0 ? 'dsn' : formOf(anatomy),
    reports,
    original: describeOriginal(anatomy.originalFields),
  };
}

function isSuccess({ action }: RecipientFacts): boolean {
  return action === 'delivered' || action === 'relayed' || action === 'expanded';
}

function kindOf(facts: readonly RecipientFacts[]): ReturnedMail['kind'] {
  if (facts.every(isSuccess)) return 'notice';
  return facts.every((each) => each.action === 'delayed' || isSuccess(each)) ? 'delay' : 'bounce';
}

function readReply(anatomy: Anatomy): ReturnedMail | null {
  const reply = readAutoReply(anatomy);
  if (reply === null) return null;
  const reports: readonly RecipientReport[] = [vacationReport(reply.from, anatomy.words)];
  return { kind: 'auto-reply', form: 'auto-reply', reports, original: answered(anatomy) };
}

/** What an answer tells of the mail that it answers: RFC 5322 §3.6.4. */
function answered(anatomy: Anatomy): ReturnedMail['original'] {
  const id = /<[^<>\s]+>/.exec(rawValue(anatomy.mail.fields, 'in-reply-to') ?? '')?.[0];
  const given = describeOriginal(anatomy.originalFields);
  if (given !== null || id === undefined) return given;
  return describeOriginal([
    { name: 'message-id', value: id },
    { name: 'from', value: headerText(anatomy.mail, 'to') ?? '' },
  ]);
}

/** RFC 8098: somebody's mail client says that the mail was shown or deleted. */
function readReceipt(anatomy: Anatomy): ReturnedMail | null {
  if (anatomy.dispositionText === null) return null;
  const [facts] = readDeliveryStatus([anatomy.dispositionText]);
  if (facts === undefined) return null;
  return {
    kind: 'notice',
    form: 'mdn',
    reports: [noticeReports({ ...facts, action: 'delivered' })],
    original: describeOriginal(anatomy.originalFields),
  };
}

/** A mail that carries a returned one as an attachment, as when a person or a gateway passes it on. */
function readForwarded(anatomy: Anatomy, classifier: Classifier, depth: number): ReturnedMail | null {
  if (depth >= deepestForward || anatomy.originalPart === null) return null;
  const within = readPart(anatomy.originalPart, classifier, depth + 1);
  return within.kind === 'none' || within.kind === 'auto-reply' ? null : within;
}

/** A mail whose text a person passed on, quoted whole and with its head: the head makes it more than a quotation. */
function readPassedOn(anatomy: Anatomy, classifier: Classifier, depth: number): ReturnedMail | null {
  if (depth >= deepestForward) return null;
  const text = forwardedText(subjectOf(anatomy), anatomy.fullWords);
  if (text === null) return null;
  const within = readPart(readMime(Buffer.from(text, 'utf8')), classifier, depth + 1);
  return within.kind === 'bounce' || within.kind === 'delay' ? within : null;
}

/** Amazon SNS can send its notifications by mail. */
function readServiceMail(anatomy: Anatomy, classifier: Classifier): ReturnedMail | null {
  if (!/"(?:notificationType|eventType)"/.test(anatomy.fullWords)) return null;
  return merged(
    readNotificationWithin(anatomy.fullWords).map((each) => mailOfNotification(each, classifier)),
  );
}
