import { noteFor } from '../attachments/index.ts';
import { messageIdHeader, parseMessageIdHeader } from '../campaigns/index.ts';
import { normaliseAddress } from '../contacts/index.ts';
import { why, whyUnmailed } from '../delivery/index.ts';
import type { Explain, MessageFacts, SendingHours, Why, WhyOptions } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { explainer, outcomeReader } from './explanation.ts';

export type WhyQuestion = {
  readonly question: string;
  readonly nowMs: number;
  readonly hours: SendingHours;
  /** Link of the recipient's page; absent: no page is served. */
  readonly linkOf?: (message: MessageFacts) => string;
};

/** Answers for an address, newest message first, for a mail (`m-…`) or a Message-ID; for an address without any, what keeps mail from it. */
export function answerWhy(
  store: Store,
  knowledge: Knowledge,
  { question, nowMs, hours, linkOf }: WhyQuestion,
): readonly Why[] {
  const explain = explainer(knowledge, outcomeReader(knowledge));
  const options = {
    ...whyOptions(store, explain, { nowMs, hours }),
    ...(linkOf === undefined ? {} : { linkOf }),
  };
  const key = parseMessageIdHeader(question);
  if (key !== null) {
    const message = store.why.messageByKey(key.campaign, key.messageId);
    return message === null ? [] : [why(message, options)];
  }
  const ofMail = store.why.messagesOfMail(question);
  const told = (message: MessageFacts): Why => withAttachments(store, why(message, options));
  if (ofMail.length > 0) return ofMail.map(told);
  const messages = store.why.messagesOf(question.trim());
  if (messages.length > 0) return messages.toReversed().map(told);
  const address = normaliseAddress(question);
  const unmailed = address.ok ? whyUnmailed(address.text, options) : null;
  return unmailed === null ? [] : [unmailed];
}

/** How the files of an application's mail got to this recipient. */
function withAttachments(store: Store, answer: Why): Why {
  const [, mail, number] = /^(m-.+)\.(\d+)$/.exec(answer.mail ?? '') ?? [];
  if (mail === undefined) return answer;
  const note = noteFor(store.attachmentDecisions.of(mail), Number(number));
  if (note === null) return answer;
  const { untilMs, ...rest } = note;
  return {
    ...answer,
    attachments: { ...rest, until: untilMs === null ? null : new Date(untilMs).toISOString() },
  };
}

/** Where an explanation finds what it needs. */
export function whyOptions(
  store: Store,
  explain: Explain,
  { nowMs, hours }: Pick<WhyQuestion, 'nowMs' | 'hours'>,
): WhyOptions {
  return {
    store: store.why,
    suppressionsOf: (address: string) => store.suppressions.history(address),
    explain,
    nowMs,
    hours,
    working: store.isWorking(),
    messageIdOf: ({ mail, campaign, id, senderDomain }: MessageFacts) =>
      mail?.messageId ?? messageIdHeader({ campaign, messageId: id }, senderDomain),
  };
}
