import type { Finding } from '../../findings/index.ts';
import { withinTime } from '../../findings/index.ts';
import { checkBlocklists } from '../blocklists/check-blocklists.ts';
import { isReservedAddress } from '../reserved-address.ts';
import { checkBimi } from './check-bimi.ts';
import { checkDane } from './check-dane.ts';
import { checkDkim } from './check-dkim.ts';
import { checkDmarc } from './check-dmarc.ts';
import { checkMx } from './check-mx.ts';
import { checkSource } from './check-sources.ts';
import { checkSpf } from './check-spf.ts';
import { checkSts, checkTlsReports } from './check-sts.ts';
import type { DomainQuestion, DomainTools } from './domain-tools.ts';

/** The parts of the check, in the order of the answer. */
export const domainParts = [
  'mx',
  'spf',
  'dkim',
  'dmarc',
  'sources',
  'mta-sts',
  'tls-reports',
  'dane',
  'bimi',
  'blocklists',
] as const;
export type DomainPart = (typeof domainParts)[number];

// A resolver gives up on one question in some ten seconds; the deepest part asks a few after one another.
const longestPartMs = 45_000;

/**
 * Everything about a domain that decides whether its mail arrives, all parts at once. A part that does not end in time is a
 * finding, and does not hold up the others. `done` is called as each part ends.
 */
export async function checkDomain(
  question: DomainQuestion,
  tools: DomainTools,
  done: (part: DomainPart) => void = () => {},
): Promise<readonly Finding[]> {
  const { clock, finding } = tools;
  const found = await Promise.all(
    domainParts.map(async (part) => {
      const seen = await withinTime(async () => await lookAt(part, question, tools), {
        clock,
        limitMs: longestPartMs,
      });
      done(part);
      const values = { part, seconds: longestPartMs / 1_000 };
      return seen ?? [finding('domain.too-slow', { subject: question.domain, evidence: part, values })];
    }),
  );
  return withoutEchoes(question, found.flat());
}

/** Of a name that is not there nothing else is worth saying; and nothing at all of a domain that is not there. */
function withoutEchoes({ domain }: DomainQuestion, found: readonly Finding[]): readonly Finding[] {
  const missing = new Map(
    found.flatMap((each) => (each.id === 'domain.missing' ? [[each.subject, each] as const] : [])),
  );
  const whole = missing.get(domain);
  if (whole !== undefined) return [whole];
  return found.filter((each) => !missing.has(each.subject) || missing.get(each.subject) === each);
}

async function lookAt(
  part: DomainPart,
  question: DomainQuestion,
  tools: DomainTools,
): Promise<readonly Finding[]> {
  const { domain, returnPath, sources } = question;
  const names = returnPath === domain ? [domain] : [domain, returnPath];
  const each = async <T>(
    items: readonly T[],
    look: (item: T) => Promise<readonly Finding[]>,
  ): Promise<readonly Finding[]> => (await Promise.all(items.map(look))).flat();
  switch (part) {
    case 'mx':
      return await each(names, async (name) => await checkMx(name, tools));
    case 'spf':
      return await each(
        names,
        async (name) => await checkSpf({ domain: name, sources, isEnvelope: name === returnPath }, tools),
      );
    case 'dkim':
      return await checkDkim({ ...question, domain: question.signingDomain }, tools);
    case 'dmarc':
      return await checkDmarc(question, tools);
    case 'sources':
      return await each(sources, async (source) => await checkSource(source, tools));
    case 'mta-sts':
      return await checkSts(domain, tools);
    case 'tls-reports':
      return await checkTlsReports(domain, tools);
    case 'dane':
      return await checkDane(domain, tools);
    case 'bimi':
      return await checkBimi(domain, tools);
    case 'blocklists':
      return await each(
        [domain, ...sources.map(({ ip }) => ip).filter((ip) => !isReservedAddress(ip))],
        async (name) => await checkBlocklists(name, tools),
      );
  }
}
