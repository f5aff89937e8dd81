import { basename } from 'node:path';
import { z } from 'zod';
import { confidenceNames } from './vocabulary.ts';
import { invalidKnowledge, readYamlFile } from './yaml-file.ts';

/** Limits that a rule names; null lifts what a rule behind it sets. Times and sizes in the name. */
export type ShapingLimits = {
  readonly connections?: number | undefined;
  readonly messagesPerConnection?: number | undefined;
  readonly connectionsPerMinute?: number | null | undefined;
  readonly messagesPerSecond?: number | null | undefined;
  readonly messagesPerMinute?: number | null | undefined;
  readonly messagesPerHour?: number | null | undefined;
  readonly messagesPerDay?: number | null | undefined;
  readonly recipientsPerMessage?: number | null | undefined;
  readonly messageOctets?: number | null | undefined;
  readonly tls?: 'none' | 'opportunistic' | 'required' | null | undefined;
};

/** Which ways out a rule is for: all that is named must match; undefined: any. */
export type ShapingMatch = {
  /** Ids of providers.yaml. */
  readonly providers?: readonly string[] | undefined;
  /** Recipient domains; `*.example.jp`: everything below it. */
  readonly domains?: readonly string[] | undefined;
  /** MX host names, or what they end in at a label border. */
  readonly mx?: readonly string[] | undefined;
  /** Sending IP addresses. */
  readonly sources?: readonly string[] | undefined;
  readonly pools?: readonly string[] | undefined;
};

export type ShapingRule = {
  readonly id: string;
  readonly match: ShapingMatch;
  readonly limits: ShapingLimits;
  /** File, id and how sure it is, for people: `knowledge/shaping.yaml: au (guess)`. */
  readonly from: string;
  /** false: the operator's own, which may go beyond the configuration. */
  readonly builtIn: boolean;
};

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower case letters, digits and single hyphens');
const domain = z
  .string()
  .regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a lower-case domain, or "*.domain" for all below it');
const count = z.int().min(1).max(1_000_000_000);
// Below one a second is written as so many a minute or an hour.
const limits = z
  .strictObject({
    connections: z.int().min(1).max(10_000).optional(),
    messagesPerConnection: z.int().min(1).max(1_000_000).optional(),
    connectionsPerMinute: count.nullable().optional(),
    messagesPerSecond: count.nullable().optional(),
    messagesPerMinute: count.nullable().optional(),
    messagesPerHour: count.nullable().optional(),
    messagesPerDay: count.nullable().optional(),
    recipientsPerMessage: count.nullable().optional(),
    messageOctets: count.nullable().optional(),
    tls: z.enum(['none', 'opportunistic', 'required']).nullable().optional(),
  })
  .refine((value) => Object.keys(value).length > 0, 'a rule without a limit does nothing');

const rule = z.strictObject({
  id: name,
  match: z.strictObject({
    providers: z.array(name).min(1).optional(),
    domains: z.array(domain).min(1).optional(),
    mx: z.array(domain).min(1).optional(),
    sources: z.array(z.union([z.ipv4(), z.ipv6()])).min(1).optional(),
    pools: z.array(z.string().min(1)).min(1).optional(),
  }),
  limits,
  confidence: z.enum(confidenceNames),
  source: z.array(z.string().min(2)).min(1),
});

export const shapingFile = z.strictObject({ rules: z.array(rule) });

type Frame = { readonly sources: ReadonlySet<string>; readonly providerIds: ReadonlySet<string> };

/** Reads the rules of all files in order, the last file being the built-in one. Of each limit the first rule that matches and names it decides. */
export function readShaping(paths: readonly string[], frame: Frame): readonly ShapingRule[] {
  return Object.freeze(
    paths.flatMap((path, index) => readFile(path, { ...frame, builtIn: index === paths.length - 1 })),
  );
}

function readFile(path: string, frame: Frame & { readonly builtIn: boolean }): readonly ShapingRule[] {
  const file = readYamlFile(path, shapingFile);
  const here = new Set<string>();
  const shown = frame.builtIn ? `knowledge/${basename(path)}` : path;
  return file.value.rules.map((written, index) => {
    const fail = (reason: string): never => {
      throw invalidKnowledge(path, file.lineOf(['rules', index]), `rule ${written.id}: ${reason}`);
    };
    if (here.has(written.id)) fail('appears twice');
    here.add(written.id);
    const stranger = written.match.providers?.find((id) => !frame.providerIds.has(id));
    if (stranger !== undefined) fail(`provider ${stranger} is not in providers.yaml`);
    const unknown = written.source.find((key) => !isPublic(key) && !frame.sources.has(key));
    if (unknown !== undefined) fail(`source ${unknown} is not in sources.yaml`);
    return Object.freeze({
      id: written.id,
      match: written.match,
      limits: written.limits,
      from: `${shown}: ${written.id} (${written.confidence})`,
      builtIn: frame.builtIn,
    });
  });
}

function isPublic(source: string): boolean {
  return source.includes('://') || /^RFC \d+/.test(source);
}
