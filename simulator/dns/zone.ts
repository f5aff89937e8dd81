/** One record of the simulated internet. Names are ASCII without the final dot, any case. */
export type ZoneRecord = { readonly name: string; readonly ttlSeconds?: number } & (
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'TXT'; readonly text: string }
  | { readonly type: 'NS' | 'CNAME' | 'PTR'; readonly target: string }
);

/** What the zone says to one question; the SOA owner is needed for both kinds of "no" (RFC 2308 §2). */
export type ZoneAnswer = {
  readonly kind: 'found' | 'nodata' | 'nxdomain';
  readonly records: readonly ZoneRecord[];
  /** Apex whose SOA belongs to the answer; empty for the root. */
  readonly apex: string;
};

export type Zone = { look(name: string, type: string): ZoneAnswer };

// RFC 1034 §3.6.2 leaves the bound on chains to the implementer; real ones are one or two long.
const aliasLimit = 8;

/** A zone of everything: it is authoritative for the root, so that every unknown name is a firm NXDOMAIN. */
export function createZone(records: readonly ZoneRecord[], apexes: readonly string[]): Zone {
  const byName = new Map<string, ZoneRecord[]>();
  const existing = new Set<string>(['']);
  for (const record of records) {
    const name = record.name.toLowerCase();
    byName.set(name, [...(byName.get(name) ?? []), record]);
    for (const ancestor of ancestors(name)) existing.add(ancestor);
  }
  for (const apex of apexes) for (const ancestor of ancestors(apex.toLowerCase())) existing.add(ancestor);
  const apexSet = new Set(apexes.map((apex) => apex.toLowerCase()));
  const apexOf = (name: string): string => ancestors(name).find((ancestor) => apexSet.has(ancestor)) ?? '';

  return {
    look(asked, type): ZoneAnswer {
      let name = asked.toLowerCase();
      const found: ZoneRecord[] = [];
      for (let step = 0; step < aliasLimit; step += 1) {
        const here = byName.get(name) ?? [];
        const wanted = here.filter((record) => record.type === type || type === 'ANY');
        if (wanted.length > 0) {
          return { kind: 'found', records: [...found, ...wanted], apex: apexOf(name) };
        }
        const alias = here.find((record) => record.type === 'CNAME');
        if (alias?.type !== 'CNAME') break;
        found.push(alias);
        name = alias.target.toLowerCase();
      }
      // RFC 8020 §2: a name that has names below it exists, even without records of its own.
      const kind = existing.has(name) ? 'nodata' : 'nxdomain';
      return { kind, records: found, apex: apexOf(name) };
    },
  };
}

/** The name itself and all names above it, without the root: `a.b.c` → `a.b.c`, `b.c`, `c`. */
function ancestors(name: string): readonly string[] {
  if (name === '') return [];
  const labels = name.split('.');
  return labels.map((_label, index) => labels.slice(index).join('.'));
}
