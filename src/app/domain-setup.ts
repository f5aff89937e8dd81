import type { DomainSetup, DomainVerification } from '../cli/index.ts';
import type { Config, SendingDomain } from '../config/index.ts';
import { newSelector, planRecords, zoneText } from '../deliverability/index.ts';
import type { DomainPlan } from '../deliverability/index.ts';
import { withCheckTools } from './check-tools.ts';
import type { CheckParts } from './check-tools.ts';
import { configuredKeys, keyFolder, makeKey, storedKeys } from './domain-keys.ts';
import type { DomainKey } from './domain-keys.ts';
import { sendingDomain } from './sender.ts';

export type DomainParts = CheckParts & { readonly dataDirectory: string };

/** What to publish for a domain; a key is made where it has none. */
export async function setUpDomain(parts: DomainParts, domain: string): Promise<DomainSetup> {
  const { keys, made, configured } = keysFor(parts, domain);
  const plan = planOf(parts.config, domain, keys);
  const records = await withCheckTools(parts, async (tools) => await planRecords(plan, tools));
  return {
    domain,
    returnPath: plan.returnPath,
    keys: keys.map(({ selector, algorithm, file }) => ({ selector, algorithm, file, made })),
    records,
    zone: zoneText(records),
    configuration: configured ? null : configurationText(domain, keys, exactly(parts.config, domain)),
  };
}

/** Whether everything that is needed stands in the DNS. Makes nothing. */
export async function verifyDomain(parts: DomainParts, domain: string): Promise<DomainVerification> {
  const own = exactly(parts.config, domain);
  const keys = own === null || own.dkim.length === 0 ? storedOf(parts, domain) : configuredKeys(own);
  const plan = planOf(parts.config, domain, keys);
  const records = await withCheckTools(parts, async (tools) => await planRecords(plan, tools));
  const lacking = records.filter(({ required, state }) => required && state !== 'in-place').length;
  return {
    domain,
    returnPath: plan.returnPath,
    verified: lacking === 0 && keys.length > 0,
    keys: keys.length,
    records,
  };
}

/** Signing is by the entry of this very name: a parent's key signs as the parent. */
function exactly(config: Config, domain: string): ReturnType<typeof sendingDomain> {
  const own = sendingDomain(config, domain);
  return own?.name === domain ? own : null;
}

function storedOf({ dataDirectory }: DomainParts, domain: string): readonly DomainKey[] {
  return storedKeys(keyFolder(dataDirectory, domain));
}

type Keys = { readonly keys: readonly DomainKey[]; readonly made: boolean; readonly configured: boolean };

function keysFor(parts: DomainParts, domain: string): Keys {
  const own = exactly(parts.config, domain);
  if (own !== null && own.dkim.length > 0)
    return { keys: configuredKeys(own), made: false, configured: true };
  const stored = storedOf(parts, domain);
  if (stored.length > 0) return { keys: stored, made: false, configured: false };
  const selector = newSelector(parts.clock.now(), []);
  const key = makeKey(keyFolder(parts.dataDirectory, domain), { selector, algorithm: 'rsa-sha256' });
  return { keys: [key], made: true, configured: false };
}

export function planOf(config: Config, domain: string, keys: readonly DomainKey[]): DomainPlan {
  return {
    domain,
    returnPath: sendingDomain(config, domain)?.returnPath ?? domain,
    keys,
    sources: config.sources.map(({ ip, hostname }) => ({ ip, hostname })),
    mailHost: config.inbound.listen === null ? null : config.delivery.hostname.toLowerCase(),
  };
}

/** The domain's entry in todoku.yaml as it is to stand; the files by their whole path, wherever it stands. */
export function configurationText(
  domain: string,
  keys: readonly DomainKey[],
  own: Pick<SendingDomain, 'returnPath' | 'unsubscribeUrl'> | null,
): string {
  const lines = keys.flatMap(({ selector, file, algorithm }) => [
    `      - selector: ${selector}`,
    `        key: ${JSON.stringify(file)}`,
    `        algorithm: ${algorithm}`,
  ]);
  const kept = [
    ...(own === null || own.returnPath === domain ? [] : [`    returnPath: ${own.returnPath}`]),
    ...(own === null || own.unsubscribeUrl === null
      ? []
      : [`    unsubscribeUrl: ${JSON.stringify(own.unsubscribeUrl)}`]),
  ];
  return [`domains:`, `  - name: ${domain}`, ...kept, `    dkim:`, ...lines, ''].join('\n');
}
