import { checkAddress, loadAddressFacts } from '../../src/deliverability/index.ts';
import type { AddressFacts } from '../../src/deliverability/index.ts';
import { createFindings, loadFindingTexts } from '../../src/findings/index.ts';
import type { Finding } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../src/knowledge/index.ts';
import type { Resolver } from '../../src/net/dns/index.ts';
import type { BrokenWorld } from './world.ts';

const folder = defaultKnowledgeFolder();
const finding = createFindings(loadFindingTexts(folder));
const domains = loadKnowledge(folder).providers.flatMap((provider) => provider.domains);
export const facts: AddressFacts = loadAddressFacts(folder, domains);

const facing = { ttlSeconds: 60, authenticated: false };
const nothing = { kind: 'nodata', ...facing } as const;

type Zone = 'mail' | 'parked' | 'throw-away' | 'web' | 'null-mx' | 'nxdomain' | 'nodata' | 'silent';

const exchanges: Partial<Record<Zone, string>> = {
  mail: 'mx.example',
  'null-mx': '.',
  parked: 'park-mx.above.com',
  'throw-away': 'mx.yopmail.com',
};

/** A resolver that answers every domain alike. */
function resolverOf(zone: Zone): Resolver {
  const failed = { kind: 'failed', cause: 'timeout', server: '192.0.2.53' } as const;
  const other =
    zone === 'silent' ? failed : zone === 'nxdomain' ? ({ kind: 'nxdomain', ...facing } as const) : nothing;
  const exchange = exchanges[zone];
  const hasMx = exchange !== undefined;
  const address = { kind: 'found', records: ['203.0.113.7'], ...facing } as const;
  return {
    mx: () =>
      Promise.resolve(hasMx ? { kind: 'found', records: [{ preference: 0, exchange }], ...facing } : other),
    a: () => Promise.resolve(zone === 'web' ? address : other),
    aaaa: () => Promise.resolve(other),
    txt: () => Promise.resolve(other),
    tlsa: () => Promise.resolve(other),
    ptr: () => Promise.resolve(other),
    cname: () => Promise.resolve(other),
    close: () => undefined,
  };
}

export async function look(text: string, zone: Zone = 'mail'): Promise<readonly Finding[]> {
  return await checkAddress(text, { finding, facts, resolver: resolverOf(zone), random: () => 0.5 });
}

const world = (id: string, text: string, zone: Zone = 'mail'): BrokenWorld => ({
  id: `address.${id}`,
  what: text,
  look: async () => await look(text, zone),
});

export const brokenWorlds: readonly BrokenWorld[] = [
  world('syntax', 'taro@@example.jp'),
  world('syntax', 'taro'),
  world('full-width', 'ｔａｒｏ＠example.jp'),
  world('look-alike', 'taro@gmаil.com'),
  world('mistyped-domain', 'taro@docomo.co.jp'),
  world('mistyped-domain', 'taro@gmial.com'),
  world('mistyped-domain', 'taro@gmail.con'),
  world('mistyped-domain', 'taro@yahho.co.jp'),
  world('mistyped-domain', 'taro@softbnk.ne.jp'),
  world('mistyped-domain', 'taro@ezwed.ne.jp'),
  world('mistyped-domain', 'taro@iclould.com'),
  world('dead-domain', 'taro@gone.example', 'nxdomain'),
  world('no-mail-server', 'taro@web.example', 'nodata'),
  world('null-mx', 'taro@quiet.example', 'null-mx'),
  world('dns-silent', 'taro@slow.example', 'silent'),
  world('disposable', 'taro@yopmail.com'),
  world('disposable', 'taro@sub.mailinator.com'),
  world('disposable', 'taro@own-name.example', 'throw-away'),
  world('parked', 'taro@forgotten.example', 'parked'),
  world('no-mx', 'taro@shop.example', 'web'),
  world('look-alike', 'taro@soーnet.ne.jp'),
  world('look-alike', 'taro@so‐net.ne.jp'),
  world('look-alike', 'taro@gmaíl.com'),
  world('role', 'info@example.jp'),
  world('old-carrier-form', 'a..b@docomo.ne.jp'),
  world('needs-smtputf8', '太郎@example.jp'),
];
