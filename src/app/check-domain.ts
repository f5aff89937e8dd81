import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DomainAnswer, DomainRequest } from '../cli/index.ts';
import type { Config, SendingDomain } from '../config/index.ts';
import { checkDomain, judgeRules, loadSenderRules } from '../deliverability/index.ts';
import type { DomainQuestion, DomainTools, ExpectedKey } from '../deliverability/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import { publicKeyRecord } from '../protocol/dkim/index.ts';
import { fetchStsPolicy } from '../tls/index.ts';
import { blocklistsInUse } from './blocklists-in-use.ts';
import { withCheckTools } from './check-tools.ts';
import type { CheckParts, CheckTools } from './check-tools.ts';
import { tlsContext } from './delivery-engine.ts';
import { reachPort } from './reach-port.ts';
import { sendingDomain } from './sender.ts';

/** Everything about a domain, and the rules of providers line by line. */
export async function checkDomainOf(
  parts: CheckParts,
  request: DomainRequest,
  done: (part: string) => void,
): Promise<DomainAnswer> {
  const { config, knowledge } = parts;
  const question = domainQuestion(config, request);
  return await withCheckTools(parts, async (tools) => {
    const findings = await checkDomain(question, domainTools(config, tools), done);
    const rules = judgeRules(loadSenderRules(defaultKnowledgeFolder()), {
      question,
      findings,
      sending: sendingFacts(config, question),
    });
    const names = new Map(knowledge.providers.map(({ id, name }) => [id, name]));
    const named = rules.map((rule) => ({
      ...rule,
      name: names.get(rule.provider) ?? { ja: rule.provider, en: rule.provider },
    }));
    return { subject: question.domain, findings, rules: named };
  });
}

/** What is asked, filled up with what the configuration says of the domain. */
function domainQuestion(config: Config, { domain, ips, selectors }: DomainRequest): DomainQuestion {
  const own = sendingDomain(config, domain);
  const configured = own === null ? [] : config.sources.map(({ ip, hostname }) => ({ ip, hostname }));
  const given = ips.map((ip) => {
    const known = config.sources.find((source) => source.ip === ip);
    return { ip, hostname: known?.hostname ?? null };
  });
  return {
    domain,
    returnPath: own?.returnPath ?? domain,
    // As mails are signed: by the key of the configured domain, in its name.
    signingDomain: own?.name ?? domain,
    isOurs: own !== null,
    keys: selectors.length > 0 ? selectors.map((selector) => expected(own, selector)) : ownKeys(own),
    sources: given.length > 0 ? given : configured,
  };
}

function ownKeys(own: SendingDomain | null): readonly ExpectedKey[] {
  return (own?.dkim ?? []).map(({ selector }) => expected(own, selector));
}

function expected(own: SendingDomain | null, selector: string): ExpectedKey {
  const key = own?.dkim.find((each) => each.selector === selector);
  if (key === undefined) return { selector, publicKey: null };
  // The configuration was loaded, and with it every key that it names.
  const record = publicKeyRecord({
    key: createPrivateKey(readFileSync(key.key)),
    algorithm: key.algorithm,
  });
  return { selector, publicKey: /p=(.*)$/.exec(record)?.[1] ?? null };
}

function sendingFacts(
  config: Config,
  { isOurs, domain }: DomainQuestion,
): { readonly tls: boolean | null; readonly oneClick: boolean | null } {
  if (!isOurs) return { tls: null, oneClick: null };
  const base = sendingDomain(config, domain)?.unsubscribeUrl ?? config.http.publicUrl;
  // RFC 8058 §3.1: an HTTPS address.
  return { tls: config.delivery.tls !== 'none', oneClick: base.startsWith('https:') };
}

// RFC 8461 §3.3 lets a sender wait a minute; a person waits for this.
const policyTimeoutMs = 15_000;
const httpsPort = 443;

function domainTools(config: Config, { finding, resolver, clock, random }: CheckTools): DomainTools {
  const context = tlsContext(config.delivery.tlsCa);
  return {
    finding,
    resolver,
    clock,
    random,
    lists: blocklistsInUse(config),
    trustsDnssec: config.dns.trustAd,
    reach: async (place, proof) => await reachPort(config, { ...place, proof }, clock),
    fetchSts: async (domain) =>
      await fetchStsPolicy(domain, { resolver, clock, context, port: httpsPort, timeoutMs: policyTimeoutMs }),
  };
}
