import { AppError } from '../base/index.ts';
import type { Clock, Timer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { createRouter, sendAlone } from '../delivery/index.ts';
import { createResolver } from '../net/dns/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import { sign } from '../protocol/dkim/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { gzipReport, makeReportMail, postReport, sendReports } from '../tls/index.ts';
import type { Carried, Reporter, ReportAddress, SentReport, TlsReportDocument } from '../tls/index.ts';
import { connectionSettings, tlsContext } from './delivery-engine.ts';
import { openWorld } from './rehearsal.ts';
import type { World } from './rehearsal.ts';
import { signersOf } from './sender.ts';

export type TlsReportParts = {
  readonly config: Config;
  readonly store: Pick<Store, 'tlsCounts' | 'folder'>;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Who reports, by the configuration; null: nobody is named, and nothing is sent. */
export function reporterOf({ tlsReports }: Config): Reporter | null {
  const { from, organization } = tlsReports;
  if (from === null) return null;
  return { contact: from, organization: organization ?? from.slice(from.lastIndexOf('@') + 1) };
}

/** Makes and sends the reports of the days that are over, in a world of its own. */
export async function sendTlsReports(parts: TlsReportParts): Promise<readonly SentReport[]> {
  const world = await openWorld(parts.config, parts.store.folder);
  try {
    return await sendIn(world, parts);
  } finally {
    await world.stop();
  }
}

/** The same in a world that is open already. */
async function sendIn(
  world: World,
  parts: TlsReportParts,
  signal?: AbortSignal,
): Promise<readonly SentReport[]> {
  const reporter = reporterOf(parts.config);
  if (reporter === null) throw noSender();
  const { store, clock } = parts;
  const { config } = world;
  const resolver = createResolver({
    servers: world.dnsServers,
    timeoutMs: config.dns.timeoutMs,
    attempts: config.dns.attempts,
    trustAd: config.dns.trustAd,
    clock,
  });
  const carry = carrier({ ...parts, config }, reporter, resolver);
  try {
    return await sendReports({ store: store.tlsCounts, resolver, clock, reporter, carry }, signal);
  } finally {
    resolver.close();
  }
}

type Carry = (report: TlsReportDocument, to: ReportAddress) => Promise<Carried>;

function carrier(parts: TlsReportParts, reporter: Reporter, resolver: Resolver): Carry {
  const { config, clock, random } = parts;
  const { dial, sources, settings } = connectionSettings(config, clock);
  const [source = { ip: null, hostname: config.delivery.hostname }] = sources;
  const { routes, port, tlsCa } = config.delivery;
  // RFC 8460 §3: a report of broken TLS is sent without looking at MTA-STS and DANE, or it would never arrive.
  const router = createRouter({ resolver, routes, port, clock, random });
  const mode = config.delivery.tls === 'none' ? ('none' as const) : ('opportunistic' as const);
  const dialSettings = {
    ...settings,
    tls: { ...settings.tls, mode },
    localAddress: source.ip,
    hostname: source.hostname,
  };
  const signers = signersOf(config, reporter.contact.slice(reporter.contact.lastIndexOf('@') + 1));
  return async (report, to) => {
    if (to.kind === 'https')
      return await postReport(to.url, gzipReport(report), { resolver, clock, context: tlsContext(tlsCa) });
    const dateMs = clock.now();
    const { headers, body } = makeReportMail(report, { reporter, to: to.address, dateMs });
    const signatures = sign({ headers, body }, signers, dateMs / 1000);
    const lines = [...signatures, ...headers].map(({ line }) => `${line}\r\n`);
    const bytes = Buffer.concat([Buffer.from(`${lines.join('')}\r\n`), body]);
    const transaction = { body: bytes, dotSafe: false, eightBit: false, smtpUtf8: false };
    const outcome = await sendAlone(
      { ...transaction, from: reporter.contact, to: to.address },
      { router, resolver, dial, clock, settings: dialSettings },
    );
    const said = outcome.origin === 'remote' ? outcome.reply.lines.join(' ') : outcome.text;
    const code = outcome.origin === 'remote' ? `${outcome.reply.code} ` : '';
    return {
      ok: outcome.kind === 'delivered',
      detail: `${to.address}: ${code}${said}`.slice(0, longestDetail),
    };
  };
}

// What strangers' servers say is kept for people, not for its length.
const longestDetail = 300;

function noSender(): AppError {
  return new AppError({
    code: 'tls-reports-no-sender',
    message: {
      ja: 'TLS レポートの差出人（tlsReports.from）が設定にありません',
      en: 'the configuration names no sender of TLS reports (tlsReports.from)',
    },
    hint: {
      ja: '設定に tlsReports.from: tls-reports@example.jp のように加えてください',
      en: 'add tlsReports.from, such as tls-reports@example.com',
    },
  });
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
// RFC 8460 §5.5: reports go out within four hours after the day, at a random time, so that not all senders come at once.
const spreadMs = 4 * hourMs;

/** `stop` begins no further report, and waits up to `graceMs` for what is under way; it stays open and goes the next time. */
export type DailyReports = { stop(graceMs: number): Promise<void> };

/** Sends the reports once a day while a Todoku serves; what fails is told and tried again the day after. */
export function startDailyReports(
  world: World,
  parts: TlsReportParts,
  onTrouble: (error: unknown) => void,
): DailyReports {
  if (reporterOf(parts.config) === null) return { stop: () => Promise.resolve() };
  const ending = new AbortController();
  let work = Promise.resolve();
  let timer: Timer | null = null;
  const run = async (): Promise<void> => {
    try {
      await sendIn(world, parts, ending.signal);
    } catch (error) {
      onTrouble(error);
    }
    plan();
  };
  const plan = (): void => {
    if (ending.signal.aborted) return;
    const nowMs = parts.clock.now();
    const waitMs = dayMs - (nowMs % dayMs) + Math.floor(parts.random() * spreadMs);
    timer = parts.clock.after(waitMs, () => {
      work = run();
    });
  };
  // Those of the days while nothing ran.
  work = run();
  return {
    async stop(graceMs) {
      ending.abort();
      timer?.cancel();
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const patience = parts.clock.after(graceMs, resolve);
      await Promise.race([work, late]);
      patience.cancel();
    },
  };
}
