import { join } from 'node:path';
import { systemClock } from '../src/base/index.ts';
import type { Clock } from '../src/base/index.ts';
import { openCertificates } from './certificates.ts';
import { explainListening, findFreePort } from './listening.ts';
import { createZone, startDnsServer } from './dns/index.ts';
import type { DnsFault, ZoneRecord } from './dns/index.ts';
import { createHappenings } from './happenings.ts';
import type { Happenings } from './happenings.ts';
import { recordsFor } from './internet-zone.ts';
import { createMailbox } from './mailbox.ts';
import type { Mailbox } from './mailbox.ts';
import { expectFor } from './provider/expectation.ts';
import type { Expectation } from './provider/expectation.ts';
import type { Happening } from './provider/happening.ts';
import { chooseProviders } from './provider/load.ts';
import { startProvider } from './provider/running-provider.ts';
import type { ProviderStart, RunningProvider } from './provider/running-provider.ts';
import type { Provider, ProviderInput } from './provider/schema.ts';
import { readMailboxAddress } from './provider/mailbox-address.ts';
import { createReturns, returnFor } from './returns/returns.ts';
import type { Returns } from './returns/returns.ts';
import type { ReturnBehaviour } from './returns/returned-mail.ts';
import type { ReceivedMessage } from './smtp/index.ts';
import type { ProviderStats } from './provider/statistics.ts';

export type SimulatorOptions = {
  /** Decides who is unknown, full, filtered …: one seed, one internet. */
  readonly seed: string;
  /** For the certificates, and the mail when it is kept. */
  readonly folder: string;
  /** SMTP port of all providers; default a free one. */
  readonly port?: number;
  readonly dnsPort?: number;
  /** Ids of own data files, or values; default all of simulator/providers but the rehearsal. */
  readonly providers?: readonly (string | ProviderInput)[];
  /** How many seconds of greylisting, blocks, rate windows and down times pass in one: 60 makes minutes seconds. Default 1. */
  readonly timeScale?: number;
  /** Default true. false: nobody offers STARTTLS, and nobody demands it. */
  readonly tls?: boolean;
  /** Further DNS records, e.g. of the sender's domain. */
  readonly records?: readonly ZoneRecord[];
  /** `mbox`: append what each provider takes to `<folder>/mail/<provider>.mbox`. Default none. */
  readonly mail?: 'none' | 'mbox';
  /** Whether providers send back bounces, complaints and replies (`returns` in their files), to `returnTo`. Default false. */
  readonly returns?: boolean;
  readonly clock?: Clock;
};

export type Simulator = {
  /** For `dns.servers`. */
  readonly dnsServer: string;
  /** For `delivery.port`. */
  readonly smtpPort: number;
  /** The authority that signed the providers' certificates; null without TLS. */
  readonly caFile: string | null;
  readonly providers: readonly Provider[];
  /** By provider id. */
  stats(): Readonly<Record<string, ProviderStats>>;
  /** Questions asked so far, by `MX example.com`. */
  dnsQueries(): ReadonlyMap<string, number>;
  setDnsFault(name: string, fault: DnsFault | null): void;
  /** What becomes of one message to this address. */
  expected(address: string): Expectation;
  /** Which of its provider's `returns` an address sends back; null: none. */
  expectedReturn(address: string): ReturnBehaviour | null;
  /** Where mail that comes back goes from now on: the MX of all return paths. */
  returnTo(to: { readonly host: string; readonly port: number }): void;
  /** Mails that will come back and have not yet. */
  returnsWaiting(): number;
  provider(id: string): RunningProvider;
  /** The next happening that fits, at once or later; rejects when the simulator stops before. */
  waitFor: Happenings['waitFor'];
  /** Calls for each happening; the result ends it. */
  onHappening(listener: (happening: Happening) => void): () => void;
  /** May be called again. */
  stop(): Promise<void>;
};

// The chance that a free port of one address is taken on another is small; twenty misses are a fault.
const portAttempts = 20;

/** Starts DNS and all providers on loopback. Rejects with an `AppError` when ports or addresses cannot be had. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? systemClock;
  const providers = chooseProviders(options.providers);
  const happenings = createHappenings();
  const mailbox = createMailbox(options.mail === 'mbox' ? join(options.folder, 'mail') : null);
  // The machine's time whatever `clock` says: clients check certificates against that.
  const certificates =
    options.tls === false ? null : await openCertificates(join(options.folder, 'tls'), systemClock.now());
  const common = {
    seed: options.seed,
    timeScale: options.timeScale ?? 1,
    clock,
    report: (happening: Happening) => happenings.report(happening),
  };
  const returns = createReturns(common);
  const starts = providers.map((provider) => ({
    ...common,
    provider,
    keep: keeper(provider, mailbox, options.returns === true ? returns : null),
    keepContent: mailbox.wantsContent || (options.returns === true && provider.returns.length > 0),
    secureContext:
      certificates === null || provider.startTls === 'none' || provider.hosts.length === 0
        ? null
        : certificates.contextFor(
            provider.id,
            provider.hosts.map((host) => host.name),
          ),
  }));
  const { running, port } = await startOnOnePort(starts, options.port ?? 0);
  const zone = createZone(
    [...recordsFor(providers), ...(options.records ?? [])],
    providers.flatMap((provider) => provider.domains),
  );
  const dns = await startDnsServer({ zone, clock, port: options.dnsPort ?? 0 }).catch(
    async (error: unknown) => {
      await stopAll(running, mailbox);
      throw explainListening(error, options.dnsPort ?? 0);
    },
  );
  let stopping: Promise<void> | null = null;
  return {
    dnsServer: dns.place,
    smtpPort: port,
    caFile: certificates?.caFile ?? null,
    providers,
    stats: () => Object.fromEntries(running.map((one) => [one.provider.id, one.stats()])),
    dnsQueries: () => dns.queries(),
    setDnsFault: (name, fault) => dns.setFault(name, fault),
    expected: (address) => expectFor({ seed: options.seed, providers }, address),
    expectedReturn(address) {
      const { full, domain } = readMailboxAddress(address);
      const provider = providers.find((each) => each.anyDomain || each.domains.includes(domain));
      return provider === undefined ? null : returnFor(options.seed, provider, full);
    },
    returnTo: (to) => returns.sendTo(to),
    returnsWaiting: () => returns.waiting,
    provider(id) {
      const found = running.find((one) => one.provider.id === id);
      if (found === undefined) throw new Error(`no provider ${id} in this simulator`);
      return found;
    },
    waitFor: (fits) => happenings.waitFor(fits),
    onHappening: (listener) => happenings.listen(listener),
    stop() {
      returns.stop();
      stopping ??= Promise.all([stopAll(running, mailbox), dns.close()]).then(() => happenings.end());
      return stopping;
    },
  };
}

function keeper(
  provider: Provider,
  mailbox: Mailbox,
  returns: Returns | null,
): (message: ReceivedMessage) => void {
  const keep = mailbox.keeper(provider.id);
  if (returns === null) return keep;
  return (message) => {
    keep(message);
    returns.accepted(provider, message);
  };
}

async function stopAll(running: readonly RunningProvider[], mailbox: Mailbox): Promise<void> {
  await Promise.all(running.map((one) => one.stop()));
  await mailbox.close();
}

type Start = Omit<ProviderStart, 'port'>;

/** All addresses share one port, because a sender's configuration has one `delivery.port`. */
async function startOnOnePort(
  starts: readonly Start[],
  wanted: number,
): Promise<{ readonly running: readonly RunningProvider[]; readonly port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted === 0 ? await findFreePort() : wanted;
    const running: RunningProvider[] = [];
    try {
      for (const start of starts) running.push(await startProvider({ ...start, port }));
      return { running, port };
    } catch (error) {
      await Promise.all(running.map((one) => one.stop()));
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (wanted !== 0 || !taken || attempt === portAttempts) throw explainListening(error, port);
    }
  }
}
