import type { OpenCampaign } from './ports.ts';
import { isTimezone } from './sending-window.ts';
import type { LocalWindow, SendingWindow } from './sending-window.ts';

/** What the configuration and the knowledge base say of the hours in which mail is sent. */
export type SendingHours = {
  /** When bulk mail may go to whom the quiet hours protect; null: at any time. */
  readonly protectedHours: SendingWindow | null;
  readonly isProtected: (domain: string) => boolean;
  /** Where the mailboxes of a domain are used; null: anywhere. */
  readonly timezoneOf: (domain: string) => string | null;
  /** Where nothing else is known. */
  readonly ownTimezone: string;
};

/** Mail goes at any hour unless its campaign says otherwise. */
export const anyHours: SendingHours = {
  protectedHours: null,
  isProtected: () => false,
  timezoneOf: () => null,
  ownTimezone: 'UTC',
};

/**
 * The window in which a message may be sent; null: at any time. A campaign's own takes the place of the quiet hours. The time
 * zone is the recipient's as the list gives it, else the campaign's, else that of the provider, else this machine's.
 */
export function windowOf(
  campaign: Pick<OpenCampaign, 'stream' | 'window' | 'timezone'>,
  recipient: { readonly timezone: string | null; readonly domain: string },
  hours: SendingHours,
): LocalWindow | null {
  // Somebody waits for it, whatever the hour is.
  if (campaign.stream === 'transactional') return null;
  const window = campaign.window ?? (hours.isProtected(recipient.domain) ? hours.protectedHours : null);
  if (window === null) return null;
  const own = recipient.timezone !== null && isTimezone(recipient.timezone) ? recipient.timezone : null;
  const timezone = own ?? campaign.timezone ?? hours.timezoneOf(recipient.domain) ?? hours.ownTimezone;
  return { ...window, timezone };
}
