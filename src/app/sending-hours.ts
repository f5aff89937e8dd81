import type { Config } from '../config/index.ts';
import { outsideOf, parseSendingWindow } from '../delivery/index.ts';
import type { SendingHours } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';

/** The quiet hours of the configuration, and the time zones of providers. */
export function sendingHours(
  { delivery }: Pick<Config, 'delivery'>,
  knowledge: Pick<Knowledge, 'providerOf'>,
): SendingHours {
  const { quietHours, quietHoursFor, timezone } = delivery;
  const quiet = quietHours === null ? null : parseSendingWindow(quietHours);
  const providerOf = (domain: string): ReturnType<Knowledge['providerOf']> =>
    knowledge.providerOf({ mxHost: null, domain });
  return {
    protectedHours: quiet === null ? null : outsideOf(quiet),
    isProtected: (domain) => quietHoursFor === 'everyone' || providerOf(domain)?.kind === 'carrier',
    timezoneOf: (domain) => providerOf(domain)?.timezone ?? null,
    ownTimezone: timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
