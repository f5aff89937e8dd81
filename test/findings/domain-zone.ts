import type { TlsaRecord } from '../../src/protocol/dane/index.ts';
import { loadBlocklists } from '../../src/deliverability/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import type { DnsAnswer, MxRecord, Resolver } from '../../src/net/dns/index.ts';

/** What the DNS of a world says: by type and name; `silent` and `servfail` are failures, an empty list is NODATA. */
export type Zone = Readonly<Record<string, readonly string[] | 'silent' | 'servfail'>>;

const { living } = loadBlocklists(defaultKnowledgeFolder());
const testEntries = new Set(living.map(({ test, zone }) => `${test.listed}.${zone}`));

const failed = (cause: 'timeout' | 'servfail'): DnsAnswer<never> => ({
  kind: 'failed',
  cause,
  server: '192.0.2.53',
});

/** A resolver for a zone: `MX a.example` → `10 mx.a.example`, `TLSA name` → `3 1 1 hex`; records are signed if told so. */
export function resolverOf(zone: Zone, signed: boolean): Resolver {
  const names = new Set(Object.keys(zone).map((key) => key.slice(key.indexOf(' ') + 1)));
  const exists = (name: string): boolean =>
    names.has(name) || [...names].some((each) => each.endsWith(`.${name}`));
  const ask = async <T>(type: string, name: string, read: (text: string) => T): Promise<DnsAnswer<T>> => {
    const facts = { ttlSeconds: 60, authenticated: signed };
    // RFC 5782 §5: every block list has this entry.
    const records = zone[`${type} ${name}`] ?? (testEntries.has(name) ? ['127.0.0.2'] : undefined);
    if (records === 'silent') return failed('timeout');
    if (records === 'servfail') return failed('servfail');
    if (records !== undefined && records.length > 0)
      return { kind: 'found', records: records.map(read), ...facts };
    const alias = zone[`CNAME ${name}`];
    if (type !== 'CNAME' && Array.isArray(alias) && typeof alias[0] === 'string') {
      const end = await ask(type, alias[0], read);
      return end.kind === 'found' ? { ...end, canonicalName: alias[0] } : end;
    }
    return { kind: exists(name) ? 'nodata' : 'nxdomain', ...facts };
  };
  const text = (record: string): string => record;
  return {
    mx: async (name) => await ask('MX', name, readMx),
    a: async (name) => await ask('A', name, text),
    aaaa: async (name) => await ask('AAAA', name, text),
    txt: async (name) => await ask('TXT', name, text),
    tlsa: async (name) => await ask('TLSA', name, readTlsa),
    ptr: async (name) => await ask('PTR', name, text),
    cname: async (name) => await ask('CNAME', name, text),
    close: () => undefined,
  };
}

function readMx(record: string): MxRecord {
  const [preference = '', exchange = ''] = record.split(' ');
  return { preference: Number(preference), exchange };
}

function readTlsa(record: string): TlsaRecord {
  const [usage = '', selector = '', matching = '', hex = ''] = record.split(' ');
  return {
    usage: Number(usage),
    selector: Number(selector),
    matching: Number(matching),
    data: Buffer.from(hex, 'hex'),
  };
}
