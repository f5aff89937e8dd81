import type { SQLInputValue } from 'node:sqlite';
import { stopScopes } from '../../delivery/index.ts';
import type { Reaction, RecordedReaction } from '../../delivery/index.ts';
import { numberOf, numberOrNull, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';

const steps = ['slow-down', 'suspend', 'hold-campaign', 'alert'] as const satisfies readonly Reaction['do'][];

export const insertReaction = `INSERT INTO reaction (at_ms, step, rule, scope, site, source, domain, campaign_id,
  until_ms, factor, provider, verdict, detail, message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Parameters of `insertReaction`. */
export function reactionParameters(reaction: Reaction): SQLInputValue[] {
  const { target } = reaction;
  return [
    reaction.atMs,
    reaction.do,
    reaction.rule,
    target.scope,
    target.site,
    target.source,
    target.domain,
    target.campaignId,
    reaction.untilMs,
    reaction.factor,
    reaction.provider,
    reaction.verdict,
    reaction.detail,
    reaction.messageId,
  ];
}

export function reactionOf(row: Row): RecordedReaction {
  return {
    do: wordOf(row, 'step', steps),
    rule: textOf(row, 'rule'),
    atMs: numberOf(row, 'at_ms'),
    target: {
      scope: wordOf(row, 'scope', stopScopes),
      site: textOrNull(row, 'site'),
      source: textOrNull(row, 'source'),
      domain: textOrNull(row, 'domain'),
      campaignId: numberOrNull(row, 'campaign_id'),
    },
    untilMs: numberOrNull(row, 'until_ms'),
    factor: numberOrNull(row, 'factor'),
    provider: textOrNull(row, 'provider'),
    verdict: textOrNull(row, 'verdict'),
    detail: textOf(row, 'detail'),
    messageId: numberOrNull(row, 'message_id'),
    endedMs: numberOrNull(row, 'ended_ms'),
    endedBy: textOrNull(row, 'ended_by'),
  };
}
