import type { Bilingual } from '../../base/index.ts';
import type { Finding } from '../../findings/index.ts';
import type { DomainQuestion } from './domain-tools.ts';
import type { ProviderRules, RuleNeed } from './sender-rules.ts';

export type RuleResult = 'pass' | 'fail' | 'unknown';

/** One line of the table: what a provider asks, and whether it is so. */
export type RuleVerdict = {
  readonly provider: string;
  readonly rule: string;
  readonly for: 'all' | 'bulk';
  readonly text: Bilingual;
  readonly result: RuleResult;
  /** Ids of the findings that decided; empty where nothing was wrong, or nothing could be seen. */
  readonly because: readonly string[];
  readonly source: readonly string[];
};

/** How our mail is sent, as far as the configuration says; null: not known. */
export type SendingFacts = { readonly tls: boolean | null; readonly oneClick: boolean | null };

export type Judged = {
  readonly question: DomainQuestion;
  readonly findings: readonly Finding[];
  readonly sending: SendingFacts;
};

/** Holds what was found against the rules of each provider. */
export function judgeRules(rules: readonly ProviderRules[], judged: Judged): readonly RuleVerdict[] {
  return rules.flatMap((provider) =>
    provider.rules.map((rule) => {
      const answers = rule.needs.map((need) => judgeNeed(need, judged));
      return {
        provider: provider.id,
        rule: rule.id,
        for: rule.for,
        text: { ja: rule.ja, en: rule.en },
        result: worst(answers.map(({ result }) => result)),
        because: [...new Set(answers.flatMap(({ because }) => because))],
        source: rule.source,
      };
    }),
  );
}

type Answer = { readonly result: RuleResult; readonly because: readonly string[] };

function worst(results: readonly RuleResult[]): RuleResult {
  if (results.includes('fail')) return 'fail';
  return results.includes('unknown') ? 'unknown' : 'pass';
}

const unseen: Answer = { result: 'unknown', because: [] };

function judgeNeed(need: RuleNeed, judged: Judged): Answer {
  const { question, findings, sending } = judged;
  const { domain, returnPath } = question;
  // Nothing stands in the DNS of a domain that is not there.
  if (findings.some(({ id, subject }) => id === 'domain.missing' && subject === domain))
    return need === 'nothing-to-see' ? unseen : { result: 'fail', because: ['domain.missing'] };
  switch (need) {
    case 'spf':
      return judgeSpf(returnPath, judged);
    case 'from-spf':
      return judgeSpf(domain, judged);
    case 'dkim':
      return judgeDkim(judged, []);
    case 'dkim-length':
      return judgeDkim(judged, ['domain.dkim-weak']);
    case 'spf-or-dkim':
      return either(judgeSpf(returnPath, judged), judgeDkim(judged, []));
    case 'dmarc':
      return lacking(findings, ['domain.dmarc-missing', 'domain.dmarc-several', 'domain.dmarc-syntax']);
    case 'aligned':
      return judgeAlignment(judged);
    case 'ptr':
      return judgeNames(judged);
    case 'exists':
      return judgeMx(judged, ['domain.mx-missing']);
    case 'receives':
      return judgeMx(judged, null);
    case 'tls':
      return stated(sending.tls);
    case 'one-click':
      return stated(sending.oneClick);
    case 'nothing-to-see':
      return unseen;
  }
}

function stated(value: boolean | null): Answer {
  return value === null ? unseen : { result: value ? 'pass' : 'fail', because: [] };
}

function either(one: Answer, other: Answer): Answer {
  if (one.result === 'pass' || other.result === 'pass') return { result: 'pass', because: [] };
  if (one.result === 'unknown' || other.result === 'unknown') return unseen;
  return { result: 'fail', because: [...one.because, ...other.because] };
}

/** Fails by any of these ids that was told as a problem; a DNS that was silent about the name leaves it open. */
function lacking(findings: readonly Finding[], ids: readonly string[]): Answer {
  const because = findings.filter(({ id, severity }) => ids.includes(id) && severity === 'problem');
  if (because.length > 0) return { result: 'fail', because: because.map(({ id }) => id) };
  const isSilent = findings.some(({ id }) => id === 'domain.dns-silent' || id === 'domain.too-slow');
  return isSilent ? unseen : { result: 'pass', because: [] };
}

// What receivers take as a pass, or look at only for advice.
const harmlessSpf: ReadonlySet<string> = new Set([
  'domain.spf-ok',
  'domain.spf-near-limit',
  'domain.spf-no-end',
  'domain.spf-ptr',
  'domain.spf-behind-all',
  'domain.spf-allows-all',
  'domain.spf-too-wide',
]);

function judgeSpf(name: string, { question, findings }: Judged): Answer {
  const about = findings.filter(
    ({ subject, id }) => subject === name && /^domain\.(?:spf-|dns-silent|missing)/.test(id),
  );
  const wrong = about.filter(({ id }) => !harmlessSpf.has(id) && id !== 'domain.dns-silent');
  if (wrong.length > 0) return { result: 'fail', because: wrong.map(({ id }) => id) };
  // Without sources there is nobody to pass.
  const isSeen = about.some(({ id }) => harmlessSpf.has(id)) && question.sources.length > 0;
  return isSeen ? { result: 'pass', because: [] } : unseen;
}

const usableDkim: ReadonlySet<string> = new Set([
  'domain.dkim-ok',
  'domain.dkim-short',
  'domain.dkim-testing',
]);

/** One key that works makes a mail that passes; `ids`: only these count as failing. */
function judgeDkim({ findings, question }: Judged, ids: readonly string[]): Answer {
  const about = findings.filter(({ id }) => id.startsWith('domain.dkim-'));
  const bySubject = new Map<string, string[]>();
  for (const { subject, id } of about) bySubject.set(subject, [...(bySubject.get(subject) ?? []), id]);
  const isUsable = [...bySubject.values()].some((each) => each.every((id) => usableDkim.has(id)));
  if (isUsable) return { result: 'pass', because: [] };
  const because = about
    .map(({ id }) => id)
    .filter((id) => !usableDkim.has(id) && id !== 'domain.dkim-selector-unknown');
  const relevant = ids.length > 0 ? because.filter((id) => ids.includes(id)) : because;
  if (relevant.length > 0) return { result: 'fail', because: relevant };
  // Ours, and no key is configured: the mail goes unsigned.
  if (question.isOurs && question.keys.length === 0 && ids.length === 0)
    return { result: 'fail', because: ['domain.dmarc-no-dkim'] };
  return unseen;
}

function judgeAlignment(judged: Judged): Answer {
  const { question, findings } = judged;
  const told = (id: string): boolean => findings.some((each) => each.id === id);
  const failing = (id: string): Answer => ({ result: 'fail', because: [id] });
  if (told('domain.dmarc-unaligned')) return failing('domain.dmarc-unaligned');
  // How the mail of others is sent cannot be seen.
  if (!question.isOurs) return unseen;
  const dkim = told('domain.dmarc-no-dkim') ? failing('domain.dmarc-no-dkim') : judgeDkim(judged, []);
  const spf = told('domain.dmarc-spf-unaligned')
    ? failing('domain.dmarc-spf-unaligned')
    : judgeSpf(question.returnPath, judged);
  return either(dkim, spf);
}

function judgeNames({ question, findings }: Judged): Answer {
  const wrong = findings.filter(
    ({ id }) => id === 'domain.source-no-name' || id === 'domain.source-name-elsewhere',
  );
  if (wrong.length > 0) return { result: 'fail', because: wrong.map(({ id }) => id) };
  const good = new Set(
    findings
      .filter(({ id }) => /^domain\.source-(?:ok|greeting|greeting-differs|generic-name)$/.test(id))
      .map(({ subject }) => subject),
  );
  const isWhole = question.sources.length > 0 && question.sources.every(({ ip }) => good.has(ip));
  return isWhole ? { result: 'pass', because: [] } : unseen;
}

/** `ids`: only these count as failing; null: whatever keeps mail from being taken. */
function judgeMx({ question, findings }: Judged, ids: readonly string[] | null): Answer {
  const about = findings.filter(
    ({ subject, id }) => subject === question.domain && /^domain\.(?:mx-|dns-silent)/.test(id),
  );
  const wrong = about.filter(({ id, severity }) =>
    ids === null ? severity === 'problem' || id === 'domain.mx-null' : ids.includes(id),
  );
  if (wrong.length > 0) return { result: 'fail', because: wrong.map(({ id }) => id) };
  return about.some(({ id }) => id !== 'domain.dns-silent') ? { result: 'pass', because: [] } : unseen;
}
