import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { domainToASCII } from 'node:url';
import { endpointText } from './config.ts';
import type { Endpoint } from './config.ts';
import { maskPassword } from './raw-value.ts';
import { textType } from './value-type.ts';
import type { Parsed, ValueType } from './value-type.ts';

/** ASCII form in lower case (IDNA A-labels), or null when it is no host name (RFC 5321 §2.3.5, RFC 1123 §2.1). */
export function domainNameOf(value: string): string | null {
  const ascii = domainToASCII(value).toLowerCase();
  // RFC 1035 §2.3.4: names of at most 255 octets on the wire, 253 as text; labels of at most 63.
  const labels = ascii.split('.');
  const sound = labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  return ascii.length > 253 || !sound || isIP(ascii) !== 0 ? null : ascii;
}

function asParsed<T>(value: T | null): Parsed<T> {
  return value === null ? { ok: false } : { ok: true, value };
}

export const domainName: ValueType<string> = textType({
  wanted: { ja: 'ドメイン名', en: 'a domain name' },
  parse: (value) => asParsed(domainNameOf(value)),
});

/** The EHLO argument: a name, or an address literal (RFC 5321 §4.1.3). */
export const greetingName: ValueType<string> = textType({
  wanted: { ja: 'ホスト名（例: mail.example.jp）', en: 'a host name such as mail.example.jp' },
  parse(value) {
    const literal = /^\[(?:IPv6:)?([0-9a-fA-F.:]+)\]$/.exec(value);
    return asParsed(literal !== null && isIP(literal[1] ?? '') !== 0 ? value : domainNameOf(value));
  },
});

/** `*`, `example.jp` or `*.example.jp`. */
export const domainPattern: ValueType<string> = textType({
  wanted: {
    ja: ' "*"、ドメイン名、"*.ドメイン名" のどれか',
    en: '"*", a domain name, or "*." and a domain name',
  },
  parse(value) {
    if (value === '*') return { ok: true, value };
    const below = value.startsWith('*.');
    const name = domainNameOf(below ? value.slice(2) : value);
    return asParsed(name === null ? null : `${below ? '*.' : ''}${name}`);
  },
});

export const ipAddress: ValueType<string> = textType({
  wanted: { ja: ' IP アドレス', en: 'an IP address' },
  parse: (value) => asParsed(isIP(value) === 0 ? null : value.toLowerCase()),
});

/** `10.1.2.0/24`, `fd00::/8`, or one address; written with its prefix length (RFC 4632 §3.1). */
export const addressRange: ValueType<string> = textType({
  wanted: {
    ja: ' IP アドレスか、その範囲（例: 10.1.2.0/24）',
    en: 'an IP address or a range such as 10.1.2.0/24',
  },
  parse(value) {
    const [, address = '', length] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
    const most = [0, 32, 128][isIP(address) === 0 ? 0 : isIP(address) === 4 ? 1 : 2] ?? 0;
    const bits = length === undefined ? most : Number(length);
    return asParsed(most === 0 || bits > most ? null : `${address.toLowerCase()}/${bits}`);
  },
});

/** An IP address (IPv6 with or without brackets) or a host name. */
export const host: ValueType<string> = textType({
  wanted: { ja: 'ホスト名か IP アドレス', en: 'a host name or an IP address' },
  parse: (value) => asParsed(hostOf(value)),
});

function hostOf(value: string): string | null {
  const bare = value.startsWith('[') && value.endsWith(']') ? value.slice(1, -1) : value;
  return isIP(bare) === 0 ? domainNameOf(value) : bare.toLowerCase();
}

/** `127.0.0.1:3310`, or the absolute path of a Unix socket. */
export const clamdAddress: ValueType<string> = textType({
  wanted: {
    ja: ' "ホスト:ポート" かソケットの絶対パス（例: "127.0.0.1:3310", "/run/clamav/clamd.ctl"）',
    en: '"host:port" or the absolute path of a socket, such as "127.0.0.1:3310" or "/run/clamav/clamd.ctl"',
  },
  // sockaddr_un holds 107 octets of a path (unix(7)).
  parse: (value) =>
    asParsed(
      /^\/[^\0]{1,106}$/.test(value) || /^(?:[\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}$/.test(value) ? value : null,
    ),
});

/** Where to listen: `127.0.0.1:2525`, `[::1]:2525`, `localhost:2525`; port 0 takes any free one. */
export const listenEndpoint: ValueType<Endpoint> = textType({
  wanted: {
    ja: ' "ホスト:ポート"（例: "127.0.0.1:2525", "[::1]:2525"）',
    en: '"host:port" such as "127.0.0.1:2525" or "[::1]:2525"',
  },
  parse: (value) => asParsed(endpointOf(value, { lowestPort: 0 })),
  write: endpointText,
});

/** A name server: `127.0.0.1:5353`, `[::1]:53`; without a port, 53. */
export const nameServer: ValueType<Endpoint> = textType({
  wanted: {
    ja: ' "IPアドレス:ポート"（例: "127.0.0.1:53", "[::1]:53"）',
    en: '"ip:port" such as "127.0.0.1:53" or "[::1]:53"',
  },
  parse(value) {
    const written = isIP(value) === 0 ? endpointOf(value, { lowestPort: 1 }) : { host: value, port: 53 };
    return asParsed(written !== null && isIP(written.host) !== 0 ? written : null);
  },
  write: endpointText,
});

function endpointOf(value: string, { lowestPort }: { readonly lowestPort: number }): Endpoint | null {
  const match = /^(\[[^[\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(value);
  const name = hostOf(match?.[1] ?? '');
  const port = Number(match?.[2]);
  return name !== null && port >= lowestPort && port <= 65_535 ? { host: name, port } : null;
}

/** An http or https address, without a slash at its end. */
export const webAddress: ValueType<string> = textType({
  wanted: { ja: ' http:// か https:// で始まる URL', en: 'a URL that starts with http:// or https://' },
  parse(value) {
    const url = /^https?:\/\//i.test(value) && !/\s/.test(value) ? URL.parse(value) : null;
    return asParsed(url === null || url.hostname === '' ? null : value.replace(/\/+$/, ''));
  },
  write: maskPassword,
});

/** `sqlite:FOLDER` (made absolute), `postgres://…`; whether it is available is checked elsewhere. */
export const storageAddress: ValueType<string> = textType({
  wanted: { ja: ' "sqlite:フォルダー" か "postgres://…"', en: '"sqlite:FOLDER" or "postgres://…"' },
  parse(value, spot) {
    if (/^postgres(ql)?:\/\/./.test(value)) return { ok: true, value };
    const folder = /^sqlite:(?!\/\/)(.+)$/.exec(value)?.[1];
    return asParsed(
      folder === undefined || folder.includes('\0') ? null : `sqlite:${resolve(spot.baseDirectory, folder)}`,
    );
  },
  write: maskPassword,
});

export const natsAddress: ValueType<string> = textType({
  wanted: { ja: ' "nats://ホスト:ポート"', en: '"nats://host:port"' },
  parse: (value) => asParsed(/^(nats|tls|wss?):\/\/\S+$/.test(value) ? value : null),
  write: maskPassword,
});
