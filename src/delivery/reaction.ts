import type { Outcome, OutcomeReading } from '../events/index.ts';
import { suspensionScopes } from '../knowledge/index.ts';

/** What a stop can be about. */
export const stopScopes = [...suspensionScopes, 'campaign'] as const;

/** One reply, or one failure, with the way it came from. */
export type Observed = {
  readonly atMs: number;
  readonly site: string;
  /** Sending IP; null where the system chooses. */
  readonly source: string | null;
  readonly domain: string;
  /** Id of the provider in the knowledge base. */
  readonly provider: string | null;
  /** null: it was about the way, and no message had its turn. */
  readonly message: { readonly id: number; readonly campaignId: number } | null;
  readonly outcome: Outcome;
  readonly reading: OutcomeReading;
};

/** A failure of a way out, as its carrier tells it. */
export type WayFailure = Omit<Observed, 'provider' | 'message'>;

/** What is stopped. Only the fields that the scope names count: `source` and `site`, `source`, `site` and `domain`, `campaignId`. */
export type SuspensionTarget = {
  readonly scope: (typeof stopScopes)[number];
  readonly site: string | null;
  readonly source: string | null;
  readonly domain: string | null;
  readonly campaignId: number | null;
};

/** Something that a rule did. `slow-down` has a factor, `suspend` and `hold-campaign` an end. */
export type Reaction = {
  readonly do: 'slow-down' | 'suspend' | 'hold-campaign' | 'alert';
  readonly rule: string;
  readonly atMs: number;
  readonly target: SuspensionTarget;
  readonly untilMs: number | null;
  readonly factor: number | null;
  readonly provider: string | null;
  readonly verdict: string | null;
  /** The receiver's words that set it off, or the numbers. */
  readonly detail: string;
  /** The message whose reply set it off. */
  readonly messageId: number | null;
};

/** A suspension or hold in force. */
export type Suspension = {
  readonly target: SuspensionTarget;
  readonly rule: string;
  readonly because: 'suspended' | 'campaign-held';
  readonly detail: string;
  readonly fromMs: number;
  readonly untilMs: number;
};

/** One word for a target; equal targets have equal keys. */
export function targetKey({ scope, site, source, domain, campaignId }: SuspensionTarget): string {
  switch (scope) {
    case 'campaign':
      return `campaign|${campaignId}`;
    case 'source':
      return `source|${source ?? ''}`;
    case 'domain-at-site':
      return `domain|${site}|${domain}`;
    case 'path':
    case 'source-at-site':
      return `path|${source ?? ''}|${site}`;
  }
}

/** true when the way out stands under the suspension. */
export function coversPath(
  target: SuspensionTarget,
  path: { readonly site: string; readonly source: string | null },
): boolean {
  if (target.scope === 'source') return target.source === path.source;
  const isWay = target.scope === 'path' || target.scope === 'source-at-site';
  return isWay && target.site === path.site && target.source === path.source;
}

/** The stop that a reaction makes; null for one that stops nothing. */
export function suspensionOf(reaction: Reaction): Suspension | null {
  const { do: step, target, rule, detail, atMs, untilMs } = reaction;
  if (untilMs === null || (step !== 'suspend' && step !== 'hold-campaign')) return null;
  const because = step === 'suspend' ? 'suspended' : 'campaign-held';
  return { target, rule, because, detail, fromMs: atMs, untilMs };
}
