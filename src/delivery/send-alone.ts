import type { Clock } from '../base/index.ts';
import type { Outcome } from '../events/index.ts';
import type { Transaction } from '../net/smtp-client/index.ts';
import { SiteDialer } from './hosts.ts';
import type { DialSettings, HostOptions } from './hosts.ts';
import { failureOutcome, nowhere, outcomeOf } from './outcome.ts';
import type { Router } from './route.ts';

export type AloneOptions = Pick<HostOptions, 'resolver' | 'dial'> & {
  readonly router: Router;
  readonly clock: Clock;
  readonly settings: DialSettings;
};

/**
 * One try of a mail that no campaign has, over a session of its own: reports of ours, a few a day. It is on no queue and in no
 * ledger; whoever sends it decides what to do with the outcome. Never rejects.
 */
export async function sendAlone(transaction: Transaction, options: AloneOptions): Promise<Outcome> {
  const { router, clock, settings } = options;
  const domain = transaction.to.slice(transaction.to.lastIndexOf('@') + 1);
  const route = await router(domain);
  if (route.kind !== 'site') {
    const kind = route.kind === 'refused' ? ('refused' as const) : ('deferred' as const);
    const { cause, text } = route;
    return { ...nowhere, durationMs: 0, kind, scope: 'site', stage: 'route', origin: 'local', cause, text };
  }
  const opened = await new SiteDialer(options, route.site).open(settings, () => true);
  const { host, address } = opened;
  const source = settings.localAddress;
  if (!opened.ok)
    return failureOutcome(opened.failure, { host, address, source, tls: opened.tls, durationMs: 0 });
  const startedMs = clock.monotonic();
  const { session } = opened;
  const result = await session.send(transaction);
  const place = { host, address, source, tls: session.tls };
  const durationMs = Math.round(clock.monotonic() - startedMs);
  await session.quit();
  if (result.kind === 'untried') return failureOutcome(result.failure, { ...place, durationMs });
  return outcomeOf(result, place, durationMs);
}
