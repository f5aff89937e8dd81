import type { Clock } from '../../base/index.ts';
import { withinTime } from '../../findings/index.ts';
import type { Finding, FindingMaker, Severity } from '../../findings/index.ts';
import type { Resolver } from '../../net/dns/index.ts';
import { checkAuthentication } from './check-authentication.ts';
import type { MessageEnvelope } from './check-authentication.ts';
import { checkCharset } from './check-charset.ts';
import { checkHeaders } from './check-headers.ts';
import { checkImages } from './check-images.ts';
import { checkLaw } from './check-law.ts';
import { checkLinks } from './check-links.ts';
import { checkMime } from './check-mime.ts';
import { checkSender } from './check-sender.ts';
import { checkSize } from './check-size.ts';
import type { SizeLimit } from './check-size.ts';
import { checkUnsubscribe } from './check-unsubscribe.ts';
import { checkWords } from './check-words.ts';
import type { ContentSignals } from './content-signals.ts';
import { checkDeadLinks } from './dead-links.ts';
import type { AskLink } from './dead-links.ts';
import { readMail } from './mail.ts';
import type { Mail } from './mail.ts';
import { scoreOf } from './score.ts';
import type { MessageScore } from './score.ts';
import { tellFilter } from './spam-filter.ts';
import type { SpamFilter } from './spam-filter.ts';
import { tellInto } from './telling.ts';
import type { Tell } from './telling.ts';

export type MessageTools = {
  readonly finding: FindingMaker;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly signals: ContentSignals;
  readonly sizeLimits: readonly SizeLimit[];
  /** Domains where anybody has an address. */
  readonly freeMail: ReadonlySet<string>;
  readonly filters: readonly SpamFilter[];
  /** null: links are not opened. */
  readonly askLink: AskLink | null;
};

export type MessageQuestion = {
  readonly bytes: Buffer;
  /** How it came or will go; null: as its own trace says. */
  readonly envelope: MessageEnvelope | null;
  /** It goes to many, even if its header does not say so. */
  readonly bulk: boolean;
};

export type MessageFindings = { readonly findings: readonly Finding[]; readonly score: MessageScore };

// Ten look-ups of SPF, two each of DKIM and DMARC, each answered or given up within seconds.
const authenticationMs = 20_000;
// rspamd and SpamAssassin ask block lists themselves and wait up to 15 seconds for them.
const filterMs = 20_000;
const linkMs = 8_000;

/** Everything that can be told of one mail before it is sent, or after it came; bounded in time, whatever servers do. */
export async function checkMessage(question: MessageQuestion, tools: MessageTools): Promise<MessageFindings> {
  const found: Finding[] = [];
  const tell = tellInto(found, tools.finding);
  const mail = readMail(question.bytes, { bulk: question.bulk });
  if (mail.root.fields.length === 0)
    tell('no-mail', { evidence: question.bytes.subarray(0, 200).toString('latin1') });
  else await checkAll(mail, tell, { question, tools });
  const findings = found.toSorted(
    (one, other) => gravity.indexOf(one.severity) - gravity.indexOf(other.severity),
  );
  return { findings, score: scoreOf(found, tools.signals.points) };
}

// Whoever reads from the top mends what costs most.
const gravity: readonly Severity[] = ['problem', 'warning', 'info', 'ok'];

type Asking = { readonly question: MessageQuestion; readonly tools: MessageTools };

async function checkAll(mail: Mail, tell: Tell, { question, tools }: Asking): Promise<void> {
  const { clock, signals, resolver } = tools;
  const { envelope } = question;
  const slow = [
    async (): Promise<void> => {
      const limit = { clock, limitMs: authenticationMs };
      const told = await withinTime(
        () => withheld(tell, async (later) => await checkAuthentication(mail, later, { envelope, resolver })),
        limit,
      );
      if (told === null) tell('auth-unchecked', { evidence: `${authenticationMs / 1_000} s` });
      else told();
    },
    ...tools.filters.map((filter) => async (): Promise<void> => {
      const word = await withinTime((signal) => filter.ask(question.bytes, envelope, signal), {
        clock,
        limitMs: filterMs,
      });
      tellFilter(filter.name, word, tell);
    }),
    async (): Promise<void> => {
      const { askLink } = tools;
      if (askLink === null) return;
      await checkDeadLinks(
        mail,
        tell,
        async (url) => await withinTime((signal) => askLink(url, signal), { clock, limitMs: linkMs }),
      );
    },
  ];
  const running = Promise.all(slow.map((each) => each()));
  checkHeaders(mail, tell, clock.now());
  checkSender(mail, tell, tools.freeMail);
  checkUnsubscribe(mail, tell);
  checkMime(mail, tell);
  checkCharset(mail, tell);
  checkSize(mail, tell, tools.sizeLimits);
  checkImages(mail, tell);
  checkLinks(mail, tell, signals.shorteners);
  checkWords(mail, tell, signals.phrases);
  checkLaw(mail, tell, signals.legal);
  await running;
}

/** Keeps what a check tells until it has ended: what comes after its time is told of nobody. */
async function withheld(tell: Tell, check: (later: Tell) => Promise<void>): Promise<() => void> {
  const kept: Parameters<Tell>[] = [];
  await check((...words) => kept.push(words));
  return () => {
    for (const words of kept) tell(...words);
  };
}
