import { messageIdHeader, parseMessageIdHeader } from '../campaigns/index.ts';
import { normaliseAddress } from '../contacts/index.ts';
import { why, whyUnmailed } from '../delivery/index.ts';
import type { MessageFacts, SendingHours, Why } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { explainer, outcomeReader } from './explanation.ts';

export type WhyQuestion = { readonly question: string; readonly nowMs: number; readonly hours: SendingHours };

/** Answers for an address or a Message-ID, newest message first; for an address without any, what keeps mail from it. */
export function answerWhy(
  store: Store,
  knowledge: Knowledge,
  { question, nowMs, hours }: WhyQuestion,
): readonly Why[] {
  const options = {
    store: store.why,
    suppressionsOf: (address: string) => store.suppressions.history(address),
    explain: explainer(knowledge, outcomeReader(knowledge)),
    nowMs,
    hours,
    working: store.isWorking(),
    messageIdOf: (message: MessageFacts) =>
      messageIdHeader({ campaign: message.campaign, messageId: message.id }, message.senderDomain),
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
