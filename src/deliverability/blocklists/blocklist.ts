import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const bilingual = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });
const named = {
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1),
  zone: z.string().min(1),
  kind: z.enum(['address', 'domain']),
  ipv6: z.boolean().default(false),
  source: z.array(z.string().min(1)).min(1),
};

const living = z.strictObject({
  ...named,
  alive: z.literal(true).default(true),
  weight: z.enum(['heavy', 'some', 'light', 'note']),
  /** RFC 5782 §5: 127.0.0.2 is always listed, 127.0.0.1 never. */
  testEntry: z.boolean().default(true),
  /** The last octet is a sum of bits. */
  mask: z.boolean().default(false),
  what: bilingual,
  codes: z.record(z.string(), bilingual),
  refused: z.array(z.string()).default([]),
  /** Documented, and no listing. */
  harmless: z.array(z.string()).default([]),
  leave: bilingual,
  url: z.url(),
});

const dead = z.strictObject({ ...named, alive: z.literal(false), ended: z.string().min(1) });

const file = z.strictObject({ lists: z.array(z.union([living, dead])) });

/** A list that can be asked. */
export type Blocklist = z.output<typeof living>;

/** One that ended: never asked. */
export type DeadBlocklist = z.output<typeof dead>;

export type Blocklists = { readonly living: readonly Blocklist[]; readonly dead: readonly DeadBlocklist[] };

/** Reads `blocklists.yaml` of a knowledge folder. */
export function loadBlocklists(folder: string): Blocklists {
  const { lists } = file.parse(parse(readFileSync(join(folder, 'blocklists.yaml'), 'utf8')));
  return {
    living: lists.filter((list) => list.alive),
    dead: lists.filter((list) => !list.alive),
  };
}
