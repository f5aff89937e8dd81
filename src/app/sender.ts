import type { Campaign, Sender } from '../campaigns/index.ts';
import { compileContent } from '../compose/index.ts';
import type { CompiledContent, Content } from '../compose/index.ts';
import { readSigningKey } from '../config/index.ts';
import type { Config, SendingDomain } from '../config/index.ts';
import { createSigner } from '../protocol/dkim/index.ts';
import type { Signer } from '../protocol/dkim/index.ts';

/** The configured domain that mail of `domain` is sent for: itself or a parent of it; null when there is none. */
export function sendingDomain(config: Config, domain: string): SendingDomain | null {
  const fits = config.domains.filter((each) => domain === each.name || domain.endsWith(`.${each.name}`));
  return fits.toSorted((a, b) => b.name.length - a.name.length)[0] ?? null;
}

/** Where bounces and unsubscribes of a campaign go; a domain that is not configured answers for itself. */
export function senderOf(config: Config, campaign: Pick<Campaign, 'domain'>): Sender {
  const own = sendingDomain(config, campaign.domain);
  const base = own?.unsubscribeUrl ?? config.http.publicUrl;
  return {
    domain: campaign.domain,
    returnPath: own?.returnPath ?? campaign.domain,
    unsubscribeUrl: base.replace(/\/+$/, ''),
  };
}

/** The keys of a domain, read once; no key: the mail goes unsigned. */
export function signersOf(config: Config, domain: string): readonly Signer[] {
  const own = sendingDomain(config, domain);
  return (own?.dkim ?? []).map(({ selector, key, algorithm }) =>
    createSigner({ domain: own?.name ?? domain, selector, key: readSigningKey(key), algorithm }),
  );
}

/** Compiles a campaign's content with the keys and limits of the configuration. */
export function compileFor(config: Config, campaign: { content: Content; domain: string }): CompiledContent {
  const { renderMs, memoryBytes, messageSizeBytes } = config.compose.limits;
  return compileContent(campaign.content, {
    signers: signersOf(config, campaign.domain),
    limits: { renderMs, memory: memoryBytes, messageBytes: messageSizeBytes },
  });
}

/** By id. A template or key that no longer works stops the command, not single messages. */
export function compileAll(
  config: Config,
  campaigns: readonly Campaign[],
): ReadonlyMap<number, CompiledContent> {
  const composed = campaigns.filter(({ mailDay }) => mailDay === undefined);
  return new Map(composed.map((campaign) => [campaign.id, compileFor(config, campaign)]));
}
