import type { Finding } from '../../findings/index.ts';
import { spfResult } from './check-spf.ts';
import { isDmarcRecord } from './dmarc-record.ts';
import type { DmarcRecord, ReportUri } from './dmarc-record.ts';
import { isAligned, walkDmarc } from './dmarc-walk.ts';
import type { DmarcWalk } from './dmarc-walk.ts';
import type { DomainQuestion, DomainTools } from './domain-tools.ts';
import { tellingOf } from './telling.ts';
import type { Telling } from './telling.ts';

/** What a domain asks receivers to do with mail that is not its own, and whether our mail is its own to them. */
export async function checkDmarc(question: DomainQuestion, tools: DomainTools): Promise<readonly Finding[]> {
  const { domain } = question;
  const telling = tellingOf(domain, tools);
  const { tell, found } = telling;
  const walk = await walkDmarc(domain, tools.resolver);
  const { record, recordDomain } = walk;
  if (walk.silence !== null && record === null) tell('domain.dns-silent', walk.silence);
  else if (walk.several.length > 0)
    tell(
      'domain.dmarc-several',
      walk.several.map(({ name, texts }) => [name, ...texts].join('\n')).join('\n'),
    );
  else if (record === null) tellAbsence(walk, telling);
  else {
    tellPolicy(record, walk, telling);
    await tellReports({ record, recordDomain: recordDomain ?? domain }, telling, tools);
    if (question.isOurs) await tellAlignment(question, { walk, record }, { telling, tools });
    if (found.every(({ severity }) => severity === 'info'))
      tell('domain.dmarc-ok', `_dmarc.${recordDomain ?? domain}: ${record.text}`);
  }
  return found;
}

function tellAbsence({ nearly }: DmarcWalk, { tell }: Telling): void {
  const [text] = nearly;
  if (text === undefined) tell('domain.dmarc-missing', '_dmarc TXT');
  else tell('domain.dmarc-syntax', text, { values: { fault: text.slice(0, 60) } });
}

function tellPolicy(record: DmarcRecord, { recordDomain }: DmarcWalk, { tell }: Telling): void {
  const { text, policy, subdomains, faults } = record;
  const evidence = `_dmarc.${recordDomain ?? ''}: ${text}`;
  if (policy === null) tell('domain.dmarc-syntax', evidence, { values: { fault: faults[0] ?? 'p=' } });
  else if (faults.length > 0)
    tell('domain.dmarc-syntax', evidence, { severity: 'warning', values: { fault: faults.join(', ') } });
  else if (policy === 'none') tell('domain.dmarc-only-watches', evidence);
  else if (record.testing) tell('domain.dmarc-testing', evidence);
  else if (subdomains === 'none') tell('domain.dmarc-subdomains-open', evidence);
  if (record.oldTags.length > 0)
    tell('domain.dmarc-old-tags', evidence, { values: { tags: record.oldTags.join(', ') } });
  if (record.rua.length === 0) tell('domain.dmarc-no-reports', evidence);
}

type Published = { readonly record: DmarcRecord; readonly recordDomain: string };

async function tellReports(
  { record, recordDomain }: Published,
  { tell }: Telling,
  tools: DomainTools,
): Promise<void> {
  const uris = [...record.rua, ...record.ruf];
  for (const { text, domain } of uris) if (domain === null) tell('domain.dmarc-report-address', text);
  const strange = new Map(uris.flatMap((uri) => (uri.domain === null ? [] : [[uri.domain, uri] as const])));
  const refused = await Promise.all(
    [...strange.values()].map(async (uri) => await refusalOf(uri, recordDomain, tools)),
  );
  for (const refusal of refused)
    if (refusal !== null)
      tell('domain.dmarc-report-unauthorised', refusal.name, { values: { name: refusal.name } });
}

/** RFC 9990 §4 (RFC 7489 §7.1): another organization must say that it takes the reports, or they are not sent. */
async function refusalOf(
  { domain }: ReportUri,
  recordDomain: string,
  { resolver }: DomainTools,
): Promise<{ readonly name: string } | null> {
  if (domain === null || domain === recordDomain) return null;
  const [theirs, ours] = await Promise.all([walkDmarc(domain, resolver), walkDmarc(recordDomain, resolver)]);
  if (theirs.organizationalDomain === ours.organizationalDomain) return null;
  const name = `${recordDomain}._report._dmarc.${domain}`;
  const answer = await resolver.txt(name);
  // A DNS that is silent for the moment refuses nothing.
  if (answer.kind === 'failed') return null;
  return answer.kind === 'found' && answer.records.some(isDmarcRecord) ? null : { name };
}

/** RFC 9989 §4.4: as our mails are sent, d= is the signing domain, and the envelope's domain is the return path. */
async function tellAlignment(
  { domain, returnPath, signingDomain, keys, sources }: DomainQuestion,
  { walk, record }: { readonly walk: DmarcWalk; readonly record: DmarcRecord },
  { telling, tools }: { readonly telling: Telling; readonly tools: DomainTools },
): Promise<void> {
  const author = { domain, organizationalDomain: walk.organizationalDomain, strict: record.strictSpf };
  const [isDkimAligned, isSpfAligned, results] = await Promise.all([
    isAligned(signingDomain, { ...author, strict: record.strictDkim }, tools.resolver),
    isAligned(returnPath, author, tools.resolver),
    Promise.all(sources.map(async (source) => await spfResult(returnPath, source, tools))),
  ]);
  const byDkim = keys.length > 0 && isDkimAligned;
  // A DNS that was silent failed nobody.
  const isSpfRefused = results.some((result) => result !== 'pass' && result !== 'temperror');
  const evidence = `From: ${domain} · MAIL FROM: ${returnPath} · SPF: ${results.join(', ') || '—'} · aspf=${record.strictSpf ? 's' : 'r'} · DKIM d=${keys.length > 0 ? signingDomain : '—'} · adkim=${record.strictDkim ? 's' : 'r'}`;
  const values = { domain, returnPath };
  if (!byDkim && (!isSpfAligned || isSpfRefused))
    telling.tell('domain.dmarc-unaligned', evidence, { values });
  else if (!isSpfAligned) telling.tell('domain.dmarc-spf-unaligned', evidence, { values });
  else if (!byDkim) telling.tell('domain.dmarc-no-dkim', evidence, { values });
}
