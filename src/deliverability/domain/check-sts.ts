import type { Finding } from '../../findings/index.ts';
import { readReportAddresses, readStsId, readStsPolicy, stsNamesHost } from '../../tls/index.ts';
import type { StsPolicy } from '../../tls/index.ts';
import { mxNames } from './check-mx.ts';
import type { DomainTools } from './domain-tools.ts';
import { unprovenHosts } from './host-proof.ts';
import { silenceText, tellingOf } from './telling.ts';
import type { Telling } from './telling.ts';

/** MTA-STS of a domain (RFC 8461): the record, the policy file, and whether it names the hosts that take the mail. */
export async function checkSts(domain: string, tools: DomainTools): Promise<readonly Finding[]> {
  const telling = tellingOf(domain, tools);
  const { tell, found } = telling;
  const name = `_mta-sts.${domain}`;
  const answer = await tools.resolver.txt(name);
  const records = answer.kind === 'found' ? answer.records : [];
  const announcing = records.filter((record) => /^\s*v\s*=\s*STSv1/i.test(record));
  if (answer.kind === 'failed') tell('domain.dns-silent', silenceText(`${name} TXT`, answer));
  else if (announcing.length === 0) tell('domain.sts-missing', `${name} TXT`);
  else if (readStsId(records) === null) tell('domain.sts-record', announcing.join('\n'));
  else await tellPolicy(domain, telling, tools);
  return found;
}

async function tellPolicy(domain: string, { tell }: Telling, tools: DomainTools): Promise<void> {
  const fetched = await tools.fetchSts(domain);
  if (!fetched.ok) return tell('domain.sts-policy-unreachable', fetched.text);
  const read = readStsPolicy(fetched.text);
  if (!read.ok) return tell('domain.sts-policy-broken', read.fault);
  const { policy } = read;
  const hosts = await mxNames(domain, tools);
  const unnamed = policy.mode === 'none' ? [] : hosts.filter((host) => !stsNamesHost(policy, host));
  if (unnamed.length > 0)
    tell('domain.sts-host-unnamed', `mx: ${policy.mx.join(', ')} ≠ ${unnamed.join(', ')}`, {
      // RFC 8461 §5.1: with `enforce` the mail is not delivered to such a host.
      severity: policy.mode === 'enforce' ? 'problem' : 'warning',
      values: { hosts: unnamed.join(', ') },
    });
  else await tellProof({ policy, hosts }, tell, tools);
}

/** RFC 8461 §4.2: with `enforce` nothing is delivered to a host whose certificate is not valid for its name. */
async function tellProof(
  { policy, hosts }: { readonly policy: StsPolicy; readonly hosts: readonly string[] },
  tell: Telling['tell'],
  tools: DomainTools,
): Promise<void> {
  const asked = policy.mode === 'none' ? [] : hosts.map((host) => ({ host, proof: { by: 'pkix' } as const }));
  const unproven = await unprovenHosts(asked, tools);
  if (unproven.length === 0) return tellMode(policy, tell);
  tell('domain.sts-certificate', unproven.join('\n'), {
    severity: policy.mode === 'enforce' ? 'problem' : 'warning',
  });
}

// RFC 8461 §3.2: "plain-text non-negative integer seconds … maximum value 31557600"; §10.2 speaks of weeks or more.
const shortAgeSeconds = 86_400;

function tellMode({ mode, maxAgeSeconds, mx }: StsPolicy, tell: Telling['tell']): void {
  const evidence = `mode: ${mode}, max_age: ${maxAgeSeconds} s, mx: ${mx.join(', ')}`;
  if (mode !== 'enforce') tell('domain.sts-not-enforced', evidence, { values: { mode } });
  else if (maxAgeSeconds < shortAgeSeconds) tell('domain.sts-short-lived', evidence);
  else tell('domain.sts-ok', evidence);
}

/** Whether the domain asks for TLS reports (RFC 8460 §3). */
export async function checkTlsReports(domain: string, tools: DomainTools): Promise<readonly Finding[]> {
  const { tell, found } = tellingOf(domain, tools);
  const name = `_smtp._tls.${domain}`;
  const answer = await tools.resolver.txt(name);
  const records = answer.kind === 'found' ? answer.records : [];
  const asking = records.filter((record) => /^\s*v\s*=\s*TLSRPT/i.test(record));
  if (answer.kind === 'failed') tell('domain.dns-silent', silenceText(`${name} TXT`, answer));
  else if (asking.length === 0) tell('domain.tls-reports-missing', `${name} TXT`);
  else if (readReportAddresses(records).length === 0) tell('domain.tls-reports-broken', asking.join('\n'));
  else tell('domain.tls-reports-ok', asking.join('\n'));
  return found;
}
