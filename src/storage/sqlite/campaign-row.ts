import type { Campaign, CampaignState } from '../../campaigns/index.ts';
import { numberOf, textOf, wordOf } from './row.ts';
import type { Row } from './row.ts';

export const campaignStates = [
  'preparing',
  'open',
  'finished',
  'cancelled',
] as const satisfies readonly CampaignState[];

export const campaignColumns =
  'id, name, state, content, domain, created_ms, lifetime_ms, list, stream, sending_window, timezone, mail_day';

export function campaignOf(row: Row): Campaign {
  return {
    id: numberOf(row, 'id'),
    name: textOf(row, 'name'),
    state: wordOf(row, 'state', campaignStates),
    content: contentOf(textOf(row, 'content')),
    domain: textOf(row, 'domain'),
    createdMs: numberOf(row, 'created_ms'),
    expiresMs: numberOf(row, 'lifetime_ms'),
    ...(row['list'] === null ? {} : { list: textOf(row, 'list') }),
    ...(row['stream'] === null ? {} : { stream: 'transactional' as const }),
    ...(row['sending_window'] === null ? {} : { window: textOf(row, 'sending_window') }),
    ...(row['timezone'] === null ? {} : { timezone: textOf(row, 'timezone') }),
    ...(row['mail_day'] === null ? {} : { mailDay: numberOf(row, 'mail_day') }),
  };
}

function contentOf(stored: string): Campaign['content'] {
  const content: unknown = JSON.parse(stored);
  if (!isContent(content)) throw new Error('a campaign holds no content');
  return content;
}

/** Only `create` writes contents, stringified from one: enough to know that it is not something else. */
function isContent(value: unknown): value is Campaign['content'] {
  return typeof value === 'object' && value !== null && 'from' in value && 'subject' in value;
}
