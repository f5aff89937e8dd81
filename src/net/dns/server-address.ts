import { getServers } from 'node:dns';
import { isIP } from 'node:net';
import { AppError } from '../../base/index.ts';

/** A DNS server; `text` is how people write it. */
export type DnsServer = { readonly address: string; readonly port: number; readonly text: string };

const dnsPort = 53; // RFC 1035 §4.2

/** Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`; null for anything else. */
export function readServer(text: string): DnsServer | null {
  if (isIP(text) !== 0) return { address: text, port: dnsPort, text };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = match?.[3] === undefined ? dnsPort : Number(match[3]);
  if (isIP(address) === 0 || port < 1 || port > 65_535) return null;
  return { address, port, text };
}

/** The configured servers, or those of the system when none are. */
export function chooseServers(servers: readonly string[]): readonly DnsServer[] {
  const texts = servers.length > 0 ? servers : getServers();
  // A system without any configured server has one on itself (resolv.conf(5)).
  return (texts.length > 0 ? texts : ['127.0.0.1']).map((text) => readServer(text) ?? refuse(text));
}

function refuse(text: string): never {
  throw new AppError({
    code: 'dns-server-invalid',
    message: {
      ja: `DNSサーバー「${text}」はIPアドレスではありません`,
      en: `DNS server "${text}" is not an IP address`,
    },
    hint: {
      ja: 'dns.servers には 127.0.0.1:5353 のように書いてください',
      en: 'write dns.servers like 127.0.0.1:5353',
    },
  });
}
