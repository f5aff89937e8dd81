import { XMLParser } from 'fast-xml-parser';
import { isProtocol, usualTls } from './services.ts';
import type { Protocol, Service, UserForm } from './services.ts';

export type Autoconfig = { readonly services: readonly Service[]; readonly user: UserForm };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // What a stranger's file declares is never expanded.
  processEntities: false,
  isArray: (name) => ['incomingServer', 'outgoingServer'].includes(name),
});

const hostName = /^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;
const names: { readonly [name: string]: Protocol } = { imap: 'imap', pop3: 'pop', smtp: 'smtp' };

/** Reads the config-v1.1 form that Thunderbird made common; null: it is none, or names no server. */
export function readAutoconfig(xml: string, domain: string): Autoconfig | null {
  const provider = inside(inside(parsed(xml), 'clientConfig'), 'emailProvider');
  const servers = [...listIn(provider, 'incomingServer'), ...listIn(provider, 'outgoingServer')];
  const services: Service[] = [];
  for (const server of servers) {
    const service = serviceOf(server, domain);
    // The file names the best of each kind first.
    if (service !== null && services.every(({ protocol }) => protocol !== service.protocol))
      services.push(service);
  }
  if (services.length === 0) return null;
  const user = servers.map((server) => textIn(server, 'username')).find((text) => text !== '') ?? '';
  const isLocal = user === '%EMAILLOCALPART%';
  return {
    services,
    user: isLocal ? 'local-part' : user === '' || user === '%EMAILADDRESS%' ? 'address' : 'own',
  };
}

function parsed(xml: string): unknown {
  try {
    return parser.parse(xml);
  } catch {
    // A web page in its place, most often.
    return null;
  }
}

function serviceOf(server: unknown, domain: string): Service | null {
  const protocol = names[textIn(server, '@type')];
  const host = textIn(server, 'hostname').replaceAll('%EMAILDOMAIN%', domain).toLowerCase();
  const port = Number(textIn(server, 'port'));
  const socket = textIn(server, 'socketType').toUpperCase();
  if (protocol === undefined || !isProtocol(protocol) || !hostName.test(host)) return null;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return null;
  const tls = socket === 'SSL' ? 'implicit' : socket === 'STARTTLS' ? 'starttls' : usualTls(port);
  return { protocol, host, port, tls, origin: 'autoconfig' };
}

function inside(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const found = inside(value, name);
  return Array.isArray(found) ? found.slice(0, 20) : [];
}

function textIn(value: unknown, name: string): string {
  const found = inside(value, name);
  return typeof found === 'string' || typeof found === 'number' ? String(found).trim() : '';
}
