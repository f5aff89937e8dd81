import type { KeyObject } from 'node:crypto';
import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { MessageFacts, Why } from '../delivery/index.ts';
import { why } from '../delivery/index.ts';
import type { Outcome, ReturnedEvent, ReturnedKind } from '../events/index.ts';
import { withinTime } from '../findings/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { ClosedLink, MissedMail, NotArrivedDesk, RecipientWord, TestMail } from '../pages/index.ts';
import { makeToken, readToken } from '../protocol/return-path/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { explainer, outcomeReader } from './explanation.ts';
import { senderOf } from './sender.ts';
import { sendTestMail } from './test-mail.ts';
import { sendingHours } from './sending-hours.ts';
import { whyOptions } from './why-answer.ts';

export type NotArrivedParts = {
  readonly config: Config;
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: () => number;
  /** The newest seals new links. */
  readonly keys: readonly KeyObject[];
  /** A test mail could not be put on record after its page was answered. */
  readonly trouble: (error: unknown) => void;
};

// A person who misses a mail asks within days; providers keep what is in spam folders for 30. Three months are for who was away.
const linkDays = 90;
const dayMs = 86_400_000;
// Greylisting and slow filters are over by then; sooner, a second mail would only confuse.
const testEveryMs = 10 * 60_000;
// Enough to try after each changed setting; whoever holds many links of one address gets no more in all.
const testsADay = 5;
// As long as a person waits for a page; the answer of a slower server is on record afterwards.
const testPatienceMs = 20_000;

/** Link of the page about one message. */
export function notArrivedLink(
  config: Config,
  message: Pick<MessageFacts, 'id' | 'senderDomain'>,
  key: KeyObject | Buffer,
): string {
  const base = senderOf(config, { domain: message.senderDomain }).unsubscribeUrl;
  return `${base}/n/${makeToken({ purpose: 'not-arrived', id: message.id, key })}`;
}

/** The page's way into the store: what the seal of a link names, and nothing else. */
export function createNotArrivedDesk(parts: NotArrivedParts): NotArrivedDesk {
  const { store, clock } = parts;
  const sending = new Map<number, Promise<void>>();
  const test = async (message: MessageFacts): Promise<void> => {
    const link = notArrivedLink(parts.config, message, firstKey(parts.keys));
    const outcome = await sendTestMail(parts, message, link);
    record(parts, message, { kind: 'test-sent', ...wordsOf(outcome) });
  };
  return {
    open(token) {
      const message = messageOf(parts, token);
      return 'kind' in message ? message : shown(parts, message, sending.has(message.id));
    },
    say(token, word) {
      const message = messageOf(parts, token);
      if ('kind' in message || lastWord(store.why.returnedOf(message.id), word) === word) return;
      record(parts, message, { kind: word });
    },
    async sendTest(token) {
      const message = messageOf(parts, token);
      if ('kind' in message || sending.has(message.id) || refusalOf(parts, message) !== null) return;
      const work = test(message)
        .catch(parts.trouble)
        .finally(() => sending.delete(message.id));
      sending.set(message.id, work);
      await withinTime(() => work, { clock, limitMs: testPatienceMs });
    },
  };
}

function firstKey([key]: readonly KeyObject[]): KeyObject {
  if (key === undefined) throw new Error('no key seals links');
  return key;
}

function messageOf({ store, clock, keys }: NotArrivedParts, token: string): MessageFacts | ClosedLink {
  const read = readToken(token, 'not-arrived', keys);
  if (!read.ok || typeof read.id !== 'number') return { kind: 'forged' };
  const message = store.why.messageById(read.id);
  // The seal is ours: a data folder that was put back, or a message that is no longer kept.
  if (message === null || clock.now() - message.acceptedMs > linkDays * dayMs) return { kind: 'expired' };
  return message;
}

function shown(parts: NotArrivedParts, message: MessageFacts, isSending: boolean): MissedMail {
  const { store, knowledge, clock } = parts;
  const explain = explainer(knowledge, outcomeReader(knowledge));
  const answer = why(
    message,
    whyOptions(store, explain, { nowMs: clock.now(), hours: sendingHours(parts.config, knowledge) }),
  );
  const returned = store.why.returnedOf(message.id);
  const host = answer.timeline.findLast((entry) => entry.host !== null)?.host ?? null;
  const provider = knowledge.providerOf({ mxHost: host, domain: message.domain });
  const steps = (language: 'ja' | 'en'): readonly string[] => {
    const own = provider?.recipientSteps?.[language] ?? [];
    return [...new Set([...recipientSteps(answer, language), ...own])];
  };
  return {
    kind: 'mail',
    to: maskedAddress(message.address),
    senderDomain: message.senderDomain,
    acceptedMs: message.acceptedMs,
    state: message.state,
    meaning: { ja: answer.advice.ja.meaning, en: answer.advice.en.meaning },
    steps: { ja: steps('ja'), en: steps('en') },
    provider: provider?.name ?? null,
    said: lastOf(returned, ['missed', 'found']) ?? null,
    test: { last: lastTest(returned), refusal: isSending ? 'too-soon' : refusalOf(parts, message) },
  };
}

/** What is the recipient's to do; what is the sender's or an administrator's is in `todoku why`. */
function recipientSteps({ advice }: Why, language: 'ja' | 'en'): readonly string[] {
  return advice[language].steps.filter(({ party }) => party === 'recipient').flatMap(({ steps }) => steps);
}

/** Enough to know one's own address by, for a link that was passed on. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address.slice(0, at);
  return `${first}•••${address.slice(at)}`;
}

function lastOf<Kind extends ReturnedKind>(
  returned: readonly ReturnedEvent[],
  kinds: readonly Kind[],
): Kind | undefined {
  const found = returned.findLast(({ kind, via }) => via === 'web' && kinds.some((each) => each === kind));
  return kinds.find((each) => each === found?.kind);
}

function lastWord(returned: readonly ReturnedEvent[], word: RecipientWord): RecipientWord | undefined {
  if (word === 'missed' || word === 'found') return lastOf(returned, ['missed', 'found']);
  // Without a test there is nothing to say of one; with a new one, what was said of the last no longer counts.
  const since = returned.findLastIndex(({ kind }) => kind === 'test-sent');
  return since < 0 ? word : lastOf(returned.slice(since), ['test-missed', 'test-arrived']);
}

/** By the kind of the outcome. A lost answer after the text is most often a mail that came. */
const testEnds: Readonly<Record<string, NonNullable<TestMail['last']>['end']>> = {
  delivered: 'taken',
  unknown: 'taken',
  deferred: 'later',
  refused: 'refused',
};

function lastTest(returned: readonly ReturnedEvent[]): TestMail['last'] {
  const since = returned.findLastIndex(({ kind }) => kind === 'test-sent');
  const sent = returned[since];
  if (sent === undefined) return null;
  const said = lastOf(returned.slice(since), ['test-missed', 'test-arrived']) ?? null;
  return { atMs: sent.atMs, end: testEnds[sent.reading.detail ?? ''] ?? 'refused', said };
}

function refusalOf({ store, clock }: NotArrivedParts, message: MessageFacts): TestMail['refusal'] {
  if (store.suppressions.has(message.address, message.list)) return 'suppressed';
  const nowMs = clock.now();
  const tests = store.why
    .messagesOf(message.address)
    .flatMap(({ id }) => store.why.returnedOf(id))
    .filter(({ kind, atMs }) => kind === 'test-sent' && atMs > nowMs - dayMs);
  if (tests.length >= testsADay) return 'too-many';
  return tests.some(({ atMs }) => atMs > nowMs - testEveryMs) ? 'too-soon' : null;
}

type Word = { readonly kind: ReturnedKind } & Partial<
  Pick<ReturnedEvent, 'said' | 'replyCode' | 'remoteHost' | 'reading'>
>;

/** The seal of the link proves whose word it is. */
function record({ store, clock }: NotArrivedParts, { id, address }: MessageFacts, word: Word): void {
  const atMs = clock.now();
  store.returned.take([
    {
      messageId: id,
      matchedBy: 'link',
      trusted: true,
      recipient: address,
      atMs,
      digest: `web/${id}/${atMs}`,
      reading: { verdict: null, detail: null, rule: null, confidence: 1 },
      hardBounce: false,
      party: 'nobody',
      replyCode: null,
      status: null,
      said: '',
      remoteHost: null,
      feedbackType: null,
      provider: null,
      via: 'web',
      ...word,
    },
  ]);
}

function wordsOf(outcome: Outcome): Omit<Word, 'kind'> {
  const { kind: detail, host: remoteHost } = outcome;
  const reading = { verdict: null, detail, rule: null, confidence: 1 };
  if (outcome.origin === 'local') return { reading, remoteHost, said: outcome.text };
  const { code, lines } = outcome.reply;
  return { reading, remoteHost, replyCode: code, said: `${code} ${lines.join(' ')}` };
}
