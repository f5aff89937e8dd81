import { messageIdHeader, parseMessageIdHeader } from '../campaigns/index.ts';
import { normaliseAddress } from '../contacts/index.ts';
import { why, whyUnmailed } from '../delivery/index.ts';
import type { Explain, MessageFacts, Why, WhyOptions } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { explainer, outcomeReader } from './explanation.ts';

export type WhyQuestion = {
  readonly question: string;
  readonly nowMs: number;
  /** Link of the recipient's page; absent: no page is served. */
  readonly linkOf?: (message: MessageFacts) => string;
};

/** Answers for an address or a Message-ID, newest message first; for an address without any, what keeps mail from it. */
export function answerWhy(
  store: Store,
  knowledge: Knowledge,
  { question, nowMs, linkOf }: WhyQuestion,
): readonly Why[] {
  const options = {
    ...whyOptions(store, explainer(knowledge, outcomeReader(knowledge)), nowMs),
    ...(linkOf === undefined ? {} : { linkOf }),
  };
  const key = parseMessageIdHeader(question);
  if (key !== null) {
    const message = store.why.messageByKey(key.campaign, key.messageId);
    return message === null ? [] : [why(message, options)];
  }
  const messages = store.why.messagesOf(question.trim());
  if (messages.length > 0) return messages.toReversed().map((message) => why(message, options));
  const address = normaliseAddress(question);
  const unmailed = address.ok ? whyUnmailed(address.text, options) : null;
  return unmailed === null ? [] : [unmailed];
}

/** Where an explanation finds what it needs. */
export function whyOptions(store: Store, explain: Explain, nowMs: number): WhyOptions {
  return {
    store: store.why,
    suppressionsOf: (address: string) => store.suppressions.history(address),
    explain,
    nowMs,
    working: store.isWorking(),
    messageIdOf: (message: MessageFacts) =>
      messageIdHeader({ campaign: message.campaign, messageId: message.id }, message.senderDomain),
  };
}
