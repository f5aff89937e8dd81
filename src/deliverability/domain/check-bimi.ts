import type { Finding } from '../../findings/index.ts';
import { walkDmarc } from './dmarc-walk.ts';
import type { DmarcWalk } from './dmarc-walk.ts';
import type { DomainTools } from './domain-tools.ts';
import { readTagList } from './tag-list.ts';
import { silenceText, tellingOf } from './telling.ts';

/** The logo of a domain (BIMI, draft-brand-indicators-for-message-identification): its record, and what it needs of DMARC. */
export async function checkBimi(domain: string, tools: DomainTools): Promise<readonly Finding[]> {
  const { tell, found } = tellingOf(domain, tools);
  const name = `default._bimi.${domain}`;
  const [answer, walk] = await Promise.all([tools.resolver.txt(name), walkDmarc(domain, tools.resolver)]);
  const records =
    answer.kind === 'found' ? answer.records.filter((text) => /^\s*v\s*=\s*BIMI1/i.test(text)) : [];
  const [record] = records;
  const evidence = records.join('\n');
  if (answer.kind === 'failed') tell('domain.dns-silent', silenceText(`${name} TXT`, answer));
  else if (record === undefined) tell('domain.bimi-missing', `${name} TXT`);
  else if (records.length > 1 || faultOf(record) !== null)
    tell('domain.bimi-broken', evidence, { values: { fault: faultOf(record) ?? 'several records' } });
  else if (isDeclined(record)) return found;
  else if (!isEnforced(walk) || !(await isOrganizationEnforced(walk, tools)))
    tell('domain.bimi-without-policy', `${evidence}\n${walk.record?.text ?? ''}`);
  else if ((tagOf(record, 'a') ?? '') === '') tell('domain.bimi-without-certificate', evidence);
  else tell('domain.bimi-ok', evidence);
  return found;
}

function tagOf(record: string, name: string): string | undefined {
  return readTagList(record).find((tag) => tag.name?.toLowerCase() === name)?.value;
}

/** §4.2.1: an empty l= says that there is no logo. */
function isDeclined(record: string): boolean {
  return tagOf(record, 'l') === '';
}

/** §7.1: the policy of the organizational domain has to be in force as well. */
async function isOrganizationEnforced(
  { recordDomain, organizationalDomain }: DmarcWalk,
  { resolver }: DomainTools,
): Promise<boolean> {
  if (recordDomain === organizationalDomain) return true;
  return isEnforced(await walkDmarc(organizationalDomain, resolver));
}

/** §4.2: l= is the logo, by https; empty together with a= the domain says that it has none. */
function faultOf(record: string): string | null {
  const logo = tagOf(record, 'l');
  const authority = tagOf(record, 'a');
  if (logo === undefined) return 'l=';
  if (logo === '') return authority === undefined || authority === '' ? null : 'l=';
  if (!isWebAddress(logo)) return `l=${logo}`;
  return authority === undefined || authority === '' || isWebAddress(authority) ? null : `a=${authority}`;
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}

/** Receivers show a logo only where DMARC is in force for the domain and below it. */
function isEnforced({ record }: DmarcWalk): boolean {
  if (record === null || record.testing) return false;
  return record.policy !== 'none' && record.policy !== null && record.subdomains !== 'none';
}
