import { hostAddresses } from '../net/dns/index.ts';
import type { SrvRecord } from '../net/dns/index.ts';
import { readAutoconfig } from './autoconfig.ts';
import type { Autoconfig } from './autoconfig.ts';
import type { KnownService } from './mailbox-facts.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import { usualPort } from './services.ts';
import type { MailboxServices, Protocol, Service, TlsMode } from './services.ts';

const unknown = { user: 'address', password: 'plain', provider: null } as const;

/**
 * Finds the servers of a domain: what is known of its provider, SRV records, the domain's own file, who its MX hosts belong
 * to, and last the usual names. An empty
 * list: none of these leads anywhere.
 */
export async function findServices(domain: string, tools: MailboxTools): Promise<MailboxServices> {
  // RFC 5321 §4.1.3: an address literal has no name to look anything up by.
  if (domain.startsWith('[')) return { ...unknown, services: [] };
  const known = tools.facts.services.find(({ domains }) => domains.includes(domain));
  if (known !== undefined) return servicesOf(known);
  const [records, file, host] = await Promise.all([
    fromSrv(domain, tools),
    fromFile(domain, tools),
    fromMx(domain, tools),
  ]);
  if (records.length > 0) return { ...unknown, services: records };
  if (file !== null) return { ...unknown, ...file };
  if (host !== null) return servicesOf(host);
  return { ...unknown, services: await guessed(domain, tools) };
}

function servicesOf(entry: KnownService): MailboxServices {
  const services = (['imap', 'pop', 'smtp'] as const).flatMap((protocol): readonly Service[] => {
    const server = entry[protocol];
    return server === undefined ? [] : [{ protocol, ...server, origin: 'provider' }];
  });
  return { services, user: entry.user, password: entry.password, provider: entry.id };
}

/** Who runs the mail of a company's own domain. */
async function fromMx(domain: string, { facts, resolver }: MailboxTools): Promise<KnownService | null> {
  const answer = await resolver.mx(domain);
  const hosts = answer.kind === 'found' ? answer.records.map(({ exchange }) => exchange) : [];
  const isAt = (host: string, suffix: string): boolean => host === suffix || host.endsWith(`.${suffix}`);
  return (
    facts.services.find(({ mx }) => mx.some((suffix) => hosts.some((host) => isAt(host, suffix)))) ?? null
  );
}

type SrvName = { readonly name: string; readonly protocol: Protocol; readonly tls: TlsMode };

// RFC 6186 §3.4, RFC 8314 §5.1: TLS from the start first.
const srvNames: readonly SrvName[] = [
  { name: '_imaps', protocol: 'imap', tls: 'implicit' },
  { name: '_imap', protocol: 'imap', tls: 'starttls' },
  { name: '_pop3s', protocol: 'pop', tls: 'implicit' },
  { name: '_pop3', protocol: 'pop', tls: 'starttls' },
  { name: '_submissions', protocol: 'smtp', tls: 'implicit' },
  { name: '_submission', protocol: 'smtp', tls: 'starttls' },
];

async function fromSrv(domain: string, { resolver }: MailboxTools): Promise<readonly Service[]> {
  const found = await Promise.all(
    srvNames.map(async (each) => ({ ...each, answer: await resolver.srv(`${each.name}._tcp.${domain}`) })),
  );
  const services: Service[] = [];
  for (const { protocol, tls, answer } of found) {
    const best = answer.kind === 'found' ? bestOf(answer.records) : null;
    if (best === null || services.some((service) => service.protocol === protocol)) continue;
    services.push({ protocol, host: best.target, port: best.port, tls, origin: 'srv' });
  }
  return services;
}

/** RFC 2782: lowest priority, then highest weight; a target of "." says that there is no such service. */
function bestOf(records: readonly SrvRecord[]): SrvRecord | null {
  const offered = records.filter(({ target, port }) => target !== '.' && target !== '' && port > 0);
  return (
    offered.toSorted((one, other) => one.priority - other.priority || other.weight - one.weight)[0] ?? null
  );
}

async function fromFile(domain: string, { fetchText }: MailboxTools): Promise<Autoconfig | null> {
  // The address itself stays here: the file is the same for all of a domain.
  const texts = await Promise.all([
    fetchText(`https://autoconfig.${domain}/mail/config-v1.1.xml`),
    fetchText(`https://${domain}/.well-known/autoconfig/mail/config-v1.1.xml`),
  ]);
  return texts.map((text) => (text === null ? null : readAutoconfig(text, domain))).find(Boolean) ?? null;
}

// What hosting firms call their servers.
const usualNames: { readonly [Each in Protocol]: readonly string[] } = {
  imap: ['imap', 'mail'],
  pop: ['pop', 'pop3', 'mail'],
  smtp: ['smtp', 'mail'],
};

async function guessed(domain: string, { resolver }: MailboxTools): Promise<readonly Service[]> {
  const found = await Promise.all(
    (['imap', 'pop', 'smtp'] as const).map(async (protocol): Promise<readonly Service[]> => {
      for (const name of usualNames[protocol]) {
        const host = `${name}.${domain}`;
        if ((await hostAddresses(resolver, host)).kind === 'found')
          return [{ protocol, host, port: usualPort(protocol), tls: 'implicit', origin: 'guess' }];
      }
      return [];
    }),
  );
  return found.flat();
}
