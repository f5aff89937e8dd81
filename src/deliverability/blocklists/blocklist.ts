import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const bilingual = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });
const named = {
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1),
  /** `{key}` stands for the key of `account`. */
  zone: z.string().min(1),
  kind: z.enum(['address', 'domain']),
  ipv6: z.boolean().default(false),
  source: z.array(z.string().min(1)).min(1),
};

const living = z.strictObject({
  ...named,
  alive: z.literal(true).default(true),
  weight: z.enum(['heavy', 'some', 'light', 'note']),
  account: z.string().nullable().default(null),
  /** Lists that say less of the same, and are not asked besides. */
  replaces: z.array(z.string()).default([]),
  /** `registered`: it has domains as they were registered, and nothing below them. */
  names: z.enum(['given', 'registered']).default('given'),
  /** What it must have, as it stands before the zone; null: it publishes none. */
  test: z.string().nullable().optional(),
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

type Written = z.output<typeof living>;

/** A list that can be asked. */
export type Blocklist = Omit<Written, 'test'> & {
  /** Names before the zone that the list must have and must not have (RFC 5782 §5); `listed` null: none is published. */
  readonly test: { readonly listed: string | null; readonly free: string };
  /** The zone that is asked. It may hold a key and is not for showing: `zone` is. */
  readonly asked: string;
};

/** One that ended: never asked. */
export type DeadBlocklist = z.output<typeof dead>;

/** `living`: also those that need an account; see `listsWithAccounts`. */
export type Blocklists = { readonly living: readonly Blocklist[]; readonly dead: readonly DeadBlocklist[] };

/** Reads `blocklists.yaml` of a knowledge folder. */
export function loadBlocklists(folder: string): Blocklists {
  const { lists } = file.parse(parse(readFileSync(join(folder, 'blocklists.yaml'), 'utf8')));
  return {
    living: lists.filter((list) => list.alive).map(readyToAsk),
    dead: lists.filter((list) => !list.alive),
  };
}

function readyToAsk(list: Written): Blocklist {
  // RFC 5782 §5: 127.0.0.2 is in every list of addresses and 127.0.0.1 in none; in none of domains is INVALID.
  const [listed, free] = list.kind === 'address' ? ['2.0.0.127', '1.0.0.127'] : ['test', 'invalid'];
  return { ...list, test: { listed: list.test === undefined ? listed : list.test, free }, asked: list.zone };
}

/** The lists that can be asked with these keys (by account); those that others replace are left out. */
export function listsWithAccounts(
  lists: readonly Blocklist[],
  keys: ReadonlyMap<string, string>,
): readonly Blocklist[] {
  const open = lists.flatMap((list) => {
    if (list.account === null) return [list];
    const key = keys.get(list.account);
    return key === undefined ? [] : [{ ...list, asked: list.zone.replace('{key}', key) }];
  });
  const replaced = new Set(open.flatMap(({ replaces }) => replaces));
  return open.filter(({ id }) => !replaced.has(id));
}
