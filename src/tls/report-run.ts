import type { Clock } from '../base/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { TlsCountStore, TlsReportState } from './ports.ts';
import { readReportAddresses } from './report-address.ts';
import type { ReportAddress } from './report-address.ts';
import { makeReport } from './report-document.ts';
import type { Reporter, TlsReportDocument } from './report-document.ts';
import type { Carried } from './report-post.ts';
import { dayOf } from './session-counts.ts';

export type ReportRunOptions = {
  readonly store: TlsCountStore;
  readonly resolver: Pick<Resolver, 'txt'>;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Brings a report to one address. Never rejects. */
  readonly carry: (report: TlsReportDocument, to: ReportAddress) => Promise<Carried>;
};

export type SentReport = Pick<TlsReportState, 'day' | 'domain' | 'state' | 'detail'>;

const dayMs = 86_400_000;
// RFC 8460 §5.5: a report that cannot be delivered is tried again, and given up within a day or so: with the next one it is old.
const mostTries = 5;
// Counts and reports are looked at for a while, and then only take room.
const keptMs = 30 * dayMs;
// Each is a mail or a request; more at once would be felt by the mail of customers.
const mostAtOnce = 4;

/** Makes and sends the reports of all days that are over, to whoever asks for them. */
export async function sendReports(
  options: ReportRunOptions,
  signal?: AbortSignal,
): Promise<readonly SentReport[]> {
  const { store, clock } = options;
  const today = dayOf(clock.now());
  store.forget(dayOf(clock.now() - keptMs));
  const open = [...store.open(today)];
  const sent: SentReport[] = [];
  const work = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined && signal?.aborted !== true; next = open.shift()) {
      const result = await sendOne(next, options);
      if (result === null) continue;
      store.settle(result, clock.now());
      sent.push(result);
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  return sent;
}

/** null: whether it is wanted is not known now. */
async function sendOne(open: TlsReportState, options: ReportRunOptions): Promise<SentReport | null> {
  const { day, domain } = open;
  const answer = await options.resolver.txt(`_smtp._tls.${domain}`);
  if (answer.kind === 'failed') return null;
  const addresses = answer.kind === 'found' ? readReportAddresses(answer.records) : [];
  if (addresses.length === 0) return { day, domain, state: 'unwanted', detail: '' };
  const report = makeReport(options.store.of(day, domain), { day, domain }, options.reporter);
  const carried: Carried[] = [];
  for (const address of addresses) carried.push(await options.carry(report, address));
  const detail = carried.map((each) => each.detail).join('; ');
  // One way is enough: sent again it would be the same report twice for whoever got it.
  if (carried.some(({ ok }) => ok)) return { day, domain, state: 'sent', detail };
  return { day, domain, state: open.tries + 1 < mostTries ? 'open' : 'failed', detail };
}
