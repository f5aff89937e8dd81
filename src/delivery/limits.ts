import type { ShapingRule } from '../knowledge/index.ts';

/** What one egress path may do; null: no limit known or wanted. Sizes in octets, times in the name. */
export type Limits = {
  /** Open at a time. */
  connections: number;
  messagesPerConnection: number;
  connectionsPerMinute: number | null;
  messagesPerSecond: number | null;
  messagesPerMinute: number | null;
  messagesPerHour: number | null;
  messagesPerDay: number | null;
  recipientsPerMessage: number | null;
  messageOctets: number | null;
  tls: 'none' | 'opportunistic' | 'required' | null;
};

/** Who set a limit, for people: `config delivery.connectionsPerPath`, `knowledge/shaping.yaml: au`, `DIR/shaping.yaml: ours`. */
export type LimitOrigin = string;

export type EffectiveLimits = {
  readonly [Name in keyof Limits]: { readonly value: Limits[Name]; readonly from: LimitOrigin };
};

/** What is known of a path when its limits are asked for. */
export type PathFacts = {
  readonly site: string;
  readonly mxHosts: readonly string[];
  readonly domain: string;
  /** Id of the provider that runs the site; null where nobody known does. */
  readonly provider: string | null;
  /** The sending IP; null where the system chooses. */
  readonly source: string | null;
  readonly pool: string | null;
};

export interface Shaping {
  limitsFor(path: PathFacts): EffectiveLimits;
  /** true when a rule is about this domain by name. */
  namesDomain(domain: string): boolean;
}

/** What holds where no rule says otherwise; a built-in rule never raises the two above it. */
export type LimitDefaults = { readonly connections: number; readonly messagesPerConnection: number };

const unlimited = { value: null, from: 'default' } as const;

/** Limits by rules: of each limit the first rule that matches and names it decides. */
export function createShaping(rules: readonly ShapingRule[], defaults: LimitDefaults): Shaping {
  const patterns = rules.flatMap(({ match }) => match.domains ?? []);
  return {
    namesDomain: (domain) => patterns.some((pattern) => isWithin(domain, pattern)),
    limitsFor: (path) => {
      const limits: { -readonly [Name in keyof EffectiveLimits]: EffectiveLimits[Name] } = {
        connections: { value: defaults.connections, from: 'config delivery.connectionsPerPath' },
        messagesPerConnection: {
          value: defaults.messagesPerConnection,
          from: 'config delivery.messagesPerConnection',
        },
        connectionsPerMinute: unlimited,
        messagesPerSecond: unlimited,
        messagesPerMinute: unlimited,
        messagesPerHour: unlimited,
        messagesPerDay: unlimited,
        recipientsPerMessage: unlimited,
        messageOctets: unlimited,
        tls: unlimited,
      };
      // The first that names a limit decides, so the first is applied last.
      for (const rule of rules.toReversed()) if (matches(rule, path)) apply(limits, rule, defaults);
      return limits;
    },
  };
}

function apply(
  limits: { -readonly [Name in keyof EffectiveLimits]: EffectiveLimits[Name] },
  rule: ShapingRule,
  defaults: LimitDefaults,
): void {
  const { from } = rule;
  const { connections, messagesPerConnection, ...others } = rule.limits;
  // What the operator wrote into the configuration is the most; only a rule of his own goes beyond it.
  const bounded = (value: number, most: number): number => (rule.builtIn ? Math.min(value, most) : value);
  if (connections !== undefined && (!rule.builtIn || connections < defaults.connections))
    limits.connections = { value: bounded(connections, defaults.connections), from };
  if (
    messagesPerConnection !== undefined &&
    (!rule.builtIn || messagesPerConnection < defaults.messagesPerConnection)
  )
    limits.messagesPerConnection = {
      value: bounded(messagesPerConnection, defaults.messagesPerConnection),
      from,
    };
  for (const name of optionalLimits) {
    const value = others[name];
    if (value !== undefined) limits[name] = { value, from };
  }
  if (others.tls !== undefined) limits.tls = { value: others.tls, from };
}

const optionalLimits = [
  'connectionsPerMinute',
  'messagesPerSecond',
  'messagesPerMinute',
  'messagesPerHour',
  'messagesPerDay',
  'recipientsPerMessage',
  'messageOctets',
] as const satisfies readonly (keyof Limits)[];

function matches({ match }: ShapingRule, path: PathFacts): boolean {
  const { providers, domains, mx, sources, pools } = match;
  if (providers !== undefined && (path.provider === null || !providers.includes(path.provider))) return false;
  if (domains !== undefined && !domains.some((pattern) => isWithin(path.domain, pattern))) return false;
  if (mx !== undefined && !mx.some((suffix) => path.mxHosts.some((host) => isBelow(host, suffix))))
    return false;
  if (sources !== undefined && (path.source === null || !sources.includes(path.source))) return false;
  return pools === undefined || (path.pool !== null && pools.includes(path.pool));
}

/** `*.example.jp` is everything below it, `example.jp` itself alone. */
function isWithin(domain: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? domain.endsWith(pattern.slice(1)) : domain === pattern;
}

/** The name itself or a name below it, at label borders. */
function isBelow(host: string, suffix: string): boolean {
  return host === suffix || host.endsWith(`.${suffix}`);
}

const tlsStrictness = { none: 0, opportunistic: 1, required: 2 } as const;

/** Of two sets of limits for one way out, the stricter of each. */
export function strictest(one: EffectiveLimits, other: EffectiveLimits): EffectiveLimits {
  const lower = <Value extends number | null>(
    a: { readonly value: Value; readonly from: LimitOrigin },
    b: { readonly value: Value; readonly from: LimitOrigin },
  ): { readonly value: Value; readonly from: LimitOrigin } =>
    (b.value ?? Infinity) < (a.value ?? Infinity) ? b : a;
  const level = ({ value }: EffectiveLimits['tls']): number => (value === null ? -1 : tlsStrictness[value]);
  return {
    connections: lower(one.connections, other.connections),
    messagesPerConnection: lower(one.messagesPerConnection, other.messagesPerConnection),
    connectionsPerMinute: lower(one.connectionsPerMinute, other.connectionsPerMinute),
    messagesPerSecond: lower(one.messagesPerSecond, other.messagesPerSecond),
    messagesPerMinute: lower(one.messagesPerMinute, other.messagesPerMinute),
    messagesPerHour: lower(one.messagesPerHour, other.messagesPerHour),
    messagesPerDay: lower(one.messagesPerDay, other.messagesPerDay),
    recipientsPerMessage: lower(one.recipientsPerMessage, other.recipientsPerMessage),
    messageOctets: lower(one.messageOctets, other.messageOctets),
    tls: level(other.tls) > level(one.tls) ? other.tls : one.tls,
  };
}
