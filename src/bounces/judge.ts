import type { Stage } from '../events/index.ts';
import { confidenceOf } from '../knowledge/index.ts';
import { stageNamedIn, type Classification, type Classifier } from '../replies/index.ts';
import { readReply } from './quoted-reply.ts';
import type { RecipientFacts, RecipientReport } from './returned-mail.ts';

// The contract of the event log: whoever wants more reads the mail.
const longestSaidChars = 1_000;
/** Verdicts that say nothing: other words may say more. */
const unsaying: ReadonlySet<string> = new Set(['undefined', 'onhold']);
/** Surer than a bare reply code or an ambiguous status: other words need not be asked. */
const sureEnough = 0.5;

/** What became of one recipient, out of what was found: verdict by the rules of `knowledge/`. */
export function judge(facts: RecipientFacts, classifier: Classifier): RecipientReport {
  const quoted = facts.words.map((words) => readReply(words));
  // A delayed mail was refused by nobody for good (RFC 3464 §2.3.3): a 5xx in its words is another recipient's.
  const replyCode =
    facts.replyCode ??
    quoted.find(({ code }) => code !== null && !(facts.action === 'delayed' && code >= 500))?.code ??
    null;
  const said = quoted.find(({ status }) => status !== null)?.status ?? null;
  const status = statusOf(facts, said, replyCode);
  const action = facts.action;
  const classification = proved(classify({ ...facts, replyCode, status }, classifier), {
    ...facts,
    replyCode,
    status,
  });
  const { action: remedy, ...rest } = delayed(classification, action);
  return {
    ...rest,
    recipient: facts.recipient,
    finalRecipient: facts.finalRecipient,
    action,
    replyCode,
    status: status ?? classOnly(replyCode, action),
    feedbackType: null,
    said: oneLine(facts.words[0] ?? ''),
    remedy,
    remoteHost: facts.remoteHost ?? hostIn(facts.words),
    reportingHost: facts.reportingHost,
  };
}

/** RFC 3464 §2.3.4's status, unless it says nothing more than the class and the quoted reply (RFC 2034) says more. */
function statusOf(facts: RecipientFacts, said: string | null, replyCode: number | null): string | null {
  if (facts.status === null) return said;
  if (said === null) return facts.status;
  const agrees = replyCode === null || said.startsWith(String(replyCode).slice(0, 1));
  if (!agrees) return facts.status;
  // X.Y.0 is the subject alone (RFC 3463 §3), 4.4.7 that the queue gave up: the receiver's own code says why.
  const vague = /^\d\.\d{1,3}\.0$|^[45]\.4\.7$/.test(facts.status);
  const contradicted = replyCode !== null && !facts.status.startsWith(String(replyCode).slice(0, 1));
  return contradicted || (vague && !/^\d\.0\.0$/.test(said)) ? said : facts.status;
}

function classOnly(replyCode: number | null, action: RecipientFacts['action']): string | null {
  if (action === 'delivered' || action === 'relayed' || action === 'expanded') return '2.0.0';
  if (replyCode !== null) return replyCode >= 500 ? '5.0.0' : '4.0.0';
  return action === 'delayed' ? '4.0.0' : '5.0.0';
}

function classify(facts: RecipientFacts, classifier: Classifier): Classification {
  let best: Classification | null = null;
  // The transcript in the words for people tells what the machine part leaves out.
  const stage = facts.words.map((words) => stageIn(words)).find((each) => each !== null) ?? null;
  for (const words of facts.words.length === 0 ? [''] : facts.words) {
    // Of the whole: the command that was answered stands before the reply in some reports, behind it in others.
    const frame = {
      replyCode: facts.replyCode,
      status: facts.status,
      stage: stageIn(words) ?? stage,
      mxHost: facts.remoteHost ?? hostIn([words]),
      domain: facts.recipient?.split('@').at(-1) ?? null,
    };
    const found = classifier.classifyText({ text: words, ...frame });
    if (best === null || worth(found) > worth(best)) best = found;
    if (worth(best) >= sureEnough) return best;
  }
  if (best === null) throw new Error('nothing was classified');
  return best;
}

/**
 * "550 User unknown" from nobody knows where: carriers and gateways also say so once they have seen the content, to hide
 * a filter. Unless the enhanced status (RFC 3463) or the command it answered bears it out, it is not enough to give up an
 * address for good. Labelled bounces: of 10 such mails 8 are called `filtered`, 2 either.
 * What a provider's own page says of its wording is borne out by that page.
 * X.2.X is of a mailbox that exists (RFC 3463 §3.3) and bears out nothing: 3 such mails, none of them hard.
 */
function proved(found: Classification, facts: RecipientFacts): Classification {
  const bare =
    facts.replyCode !== null &&
    (facts.status === null || facts.status.startsWith('5.2.')) &&
    facts.words.every((words) => stageIn(words) === null);
  const documented = found.confidence >= confidenceOf.published;
  if (found.verdict !== 'userunknown' || !bare || documented) return found;
  return {
    ...found,
    verdict: 'filtered',
    hardBounce: false,
    rule: `${found.rule}:unproved`,
    confidence: Math.min(found.confidence, sureEnough),
    action: 'check-address',
  };
}

function worth({ verdict, confidence }: Classification): number {
  return unsaying.has(verdict) ? 0 : confidence;
}

/** REASONS of the field: a warning of a delay that names no cause is `expired`. */
function delayed(found: Classification, action: RecipientFacts['action']): Classification {
  if (action !== 'delayed') return found;
  const named = worth(found) >= sureEnough;
  return {
    ...found,
    verdict: named ? found.verdict : 'expired',
    detail: named ? found.detail : null,
    hardBounce: false,
  };
}

const sessionStages: readonly (readonly [RegExp, Stage])[] = [
  [/does not like recipient|\[RCPT_TO\]/i, 'rcpt'],
  [/sender was rejected|\[MAIL_FROM\]|for MAIL FROM command/i, 'mail'],
  [/failed after I sent the message/i, 'eom'],
  [/\bRCPT (?:TO|command)/i, 'rcpt'],
  [/>>> MAIL FROM/i, 'mail'],
  [/>>> (?:DATA|\.)|end of data|after DATA/i, 'eom'],
];

function stageIn(words: string): Stage | null {
  const bounded = words.slice(0, 4_096);
  // Sendmail sends RCPT and DATA together (RFC 2920): what it notes under DATA is still the answer to RCPT when the one to
  // DATA itself, that there is no recipient, comes behind it.
  if (refusedBeforeData.test(bounded)) return 'rcpt';
  return stageNamedIn(words) ?? sessionStages.find(([pattern]) => pattern.test(bounded))?.[1] ?? null;
}

const refusedBeforeData =
  />>> DATA\s{1,4}<<< [45]\d\d[\s\S]{1,1000}?<<< [45]\d\d .{0,60}(?:(?:no|need) (?:valid )?(?:recipient|rcpt)|valid (?:recipient|rcpt)|rcpt first)/i;

const hosts: readonly RegExp[] = [
  /\bhost ([\w-]+(?:\.[\w-]+)+)\s*\[/i,
  /while talking to ([\w-]+(?:\.[\w-]+)+?)\.?:?(?:\s|$)/i,
  /\b([\w-]+(?:\.[\w-]+)+) ?\[\d[\d.]+\](?:[:\d]*)? (?:said|responded|did not like)/i,
  /(?:remote (?:host|server|mta)|server|by) ([\w-]+(?:\.[\w-]+){2,})\b/i,
];

function hostIn(words: readonly string[]): string | null {
  for (const text of words) {
    const bounded = text.slice(0, 4_096);
    for (const pattern of hosts) {
      const host = pattern.exec(bounded)?.[1];
      if (host !== undefined) return host.toLowerCase();
    }
  }
  return null;
}

function oneLine(text: string): string {
  return text
    .slice(0, 4 * longestSaidChars)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, longestSaidChars);
}
