import { createSecureContext, rootCertificates } from 'node:tls';
import { readFileSync } from 'node:fs';
import { AppError, StorageFull } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { endpointText } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { createRouter, createShaping, Engine, siteShape, waryDial } from '../delivery/index.ts';
import type {
  CarrierOptions,
  Composer,
  ConnectCarrier,
  DeliveryStore,
  EngineListener,
  EngineOptions,
  PaceStore,
  ReactionStore,
  Reader,
  ShaperFacts,
  SourceDay,
  Source,
  StoredPace,
} from '../delivery/index.ts';
import type { Knowledge, ReactionRule, RetryRule } from '../knowledge/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import { dial } from '../net/smtp-client/index.ts';
import type { TlsPolicySource } from '../tls/index.ts';
import { sendingHours } from './sending-hours.ts';
import { firstWarmupDay, sourcePlans } from './source-plans.ts';

export type EngineParts = {
  readonly config: Config;
  readonly store: DeliveryStore;
  readonly paces: PaceStore;
  readonly reactions: ReactionStore;
  readonly sourceDays: { since(day: number): readonly SourceDay[] };
  readonly knowledge: Knowledge;
  readonly composer: Composer;
  readonly reader: Reader;
  readonly resolver: Resolver;
  readonly listener: EngineListener;
  /** What recipient domains demand of TLS. */
  readonly tls: TlsPolicySource;
  readonly clock: Clock;
  readonly random: () => number;
  /** true: goes on when nothing waits. */
  readonly stays?: boolean;
  /** In threads of their own; left out: one carrier in this thread. */
  readonly carriers?: readonly ConnectCarrier[];
};

/** The engine as the configuration describes it. */
export function createEngine(parts: EngineParts): Engine {
  const { delivery } = parts.config;
  const { resolver, clock, random } = parts;
  const shaped = shaperFacts({ ...parts, learnt: parts.paces.paces() });
  return new Engine({
    ...parts,
    ...carrierSettings(parts.config, parts.knowledge, clock),
    reactions: reactionsIn(parts.config, parts.knowledge.reactions),
    reactionStore: parts.reactions,
    providerIdOf: shaped.providerOf,
    ...warmupOf(parts),
    hours: sendingHours(parts.config, parts.knowledge),
    shaped,
    shapeOf: siteShape(
      shaped,
      sourcesOf(parts.config).map(({ ip }) => ip),
    ),
    router: createRouter({
      resolver,
      clock,
      random,
      routes: delivery.routes,
      port: delivery.port,
      tls: parts.tls,
    }),
    mostSessions: delivery.connectionsPerPath,
    isPassing: (error) => error instanceof StorageFull,
  });
}

type ConnectionSettings = Pick<CarrierOptions, 'dial' | 'sources' | 'messagesPerSession' | 'settings'>;

/** How connections are made, for mail of campaigns and of our own. */
export function connectionSettings(config: Config, clock: Clock): ConnectionSettings {
  const { delivery } = config;
  return {
    dial: waryDial(dial, clock),
    sources: sourcesOf(config),
    messagesPerSession: delivery.messagesPerConnection,
    settings: {
      tls: { mode: delivery.tls, context: tlsContext(delivery.tlsCa) },
      timeouts: delivery.timeouts,
      clock,
    },
  };
}

/** What a carrier takes from configuration and knowledge, in whatever thread it lives. */
export function carrierSettings(
  config: Config,
  { retries }: Pick<Knowledge, 'retries'>,
  clock: Clock,
): ConnectionSettings & Pick<CarrierOptions, 'retry'> {
  const retry = { ...config.delivery.retry, ways: retries.ways, rules: rulesIn(config, retries.rules) };
  return { ...connectionSettings(config, clock), retry };
}

/** The limits in force, and what was learnt before; in a simulated world all times are as much shorter. */
export function shaperFacts(parts: {
  readonly config: Config;
  readonly knowledge: Knowledge;
  readonly learnt: readonly StoredPace[];
}): ShaperFacts {
  const { config, knowledge, learnt } = parts;
  const { delivery, sources } = config;
  const defaults = {
    connections: delivery.connectionsPerPath,
    messagesPerConnection: delivery.messagesPerConnection,
  };
  return {
    shaping: createShaping(knowledge.shaping, defaults),
    providerOf: (place) => knowledge.providerOf(place)?.id ?? null,
    poolOf: (source) => sources.find(({ ip }) => ip === source)?.pool ?? null,
    timeScale: timeScaleOf(config),
    learnt,
  };
}

/** What a warm-up needs; nothing while no source is being warmed up. */
function warmupOf({ config, knowledge, sourceDays }: EngineParts): Pick<EngineOptions, 'warmup'> {
  const sources = sourcePlans(config, knowledge);
  const firstDay = firstWarmupDay(sources);
  return firstDay === null ? {} : { warmup: { sources, history: sourceDays.since(firstDay) } };
}

/** The rules in force; in a simulated world all times are as much shorter. */
function reactionsIn(config: Config, rules: readonly ReactionRule[]): readonly ReactionRule[] {
  const scale = timeScaleOf(config);
  if (scale === 1) return rules;
  return rules.map((rule) => ({
    ...rule,
    withinMs: rule.withinMs / scale,
    steps: rule.steps.map((step) => {
      if (step.do === 'hold-campaign') return { ...step, forMs: step.forMs / scale };
      if (step.do !== 'suspend') return step;
      return { ...step, forMs: step.forMs / scale, longestMs: step.longestMs / scale };
    }),
  }));
}

/** When what is tried again; in a simulated world all times are as much shorter. */
function rulesIn(config: Config, rules: readonly RetryRule[]): readonly RetryRule[] {
  const scale = timeScaleOf(config);
  return rules.map((rule) => ({
    ...rule,
    waitsMs: rule.waitsMs?.map((ms) => ms / scale) ?? null,
    longestMs: rule.longestMs / scale,
  }));
}

function timeScaleOf({ simulator }: Config): number {
  return simulator.seed === null ? 1 : simulator.timeScale;
}

function sourcesOf(config: Config): readonly Source[] {
  if (config.sources.length === 0) return [{ ip: null, hostname: config.delivery.hostname }];
  return config.sources.map(({ ip, hostname }) => ({ ip, hostname }));
}

/** One context for all connections: the system's roots and the operator's own authority. */
export function tlsContext(caFile: string | null): ReturnType<typeof createSecureContext> {
  if (caFile === null) return createSecureContext();
  try {
    return createSecureContext({ ca: [...rootCertificates, readFileSync(caFile, 'utf8')] });
  } catch (error) {
    throw new AppError({
      code: 'tls-ca-unreadable',
      message: {
        ja: `delivery.tlsCa の証明書 ${caFile} を読めません`,
        en: `delivery.tlsCa: the certificates in ${caFile} cannot be read`,
      },
      hint: { ja: 'PEM 形式のファイルを指定してください', en: 'name a readable file in PEM form' },
      cause: error,
    });
  }
}

/** `dns.servers` in the resolver's form. */
export function dnsServers(config: Config): readonly string[] {
  return config.dns.servers.map(endpointText);
}
