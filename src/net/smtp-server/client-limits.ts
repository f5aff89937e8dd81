import { isIPv6 } from 'node:net';
import type { Clock } from '../../base/index.ts';

export type ClientLimitOptions = {
  readonly clock: Clock;
  /** Connections in all, and of one client. */
  readonly connections: number;
  readonly connectionsPerClient: number;
  /** Mails a minute of one client; a minute's worth may come at once. */
  readonly mailsPerMinute: number;
};

/** Who may connect and how much he may bring. A client is an IPv4 address or an IPv6 /64. */
export type ClientLimits = {
  connected(session: string, address: string): 'fine' | 'too-many' | 'too-many-of-client';
  closed(session: string): void;
  /** Counts one mail; false: too many. */
  mail(address: string): boolean;
};

// 100 bytes each; beyond that the one who has been silent longest is forgotten.
const mostClients = 10_000;

type Allowance = { left: number; atMs: number };

export function createClientLimits(options: ClientLimitOptions): ClientLimits {
  const { clock, connections, connectionsPerClient, mailsPerMinute } = options;
  const clientOf = new Map<string, string>();
  const open = new Map<string, number>();
  const allowances = new Map<string, Allowance>();
  const perMs = mailsPerMinute / 60_000;
  return {
    connected(session, address) {
      const client = clientName(address);
      const count = open.get(client) ?? 0;
      if (clientOf.size >= connections) return 'too-many';
      if (count >= connectionsPerClient) return 'too-many-of-client';
      clientOf.set(session, client);
      open.set(client, count + 1);
      return 'fine';
    },
    closed(session) {
      const client = clientOf.get(session);
      // A connection that was turned away was not counted.
      if (client === undefined) return;
      clientOf.delete(session);
      const count = (open.get(client) ?? 1) - 1;
      if (count === 0) open.delete(client);
      else open.set(client, count);
    },
    mail(address) {
      const client = clientName(address);
      const nowMs = clock.monotonic();
      const known = allowances.get(client) ?? { left: mailsPerMinute, atMs: nowMs };
      const left = Math.min(mailsPerMinute, known.left + (nowMs - known.atMs) * perMs);
      const isAllowed = left >= 1;
      // Set anew, so that the map is in the order of last use.
      allowances.delete(client);
      allowances.set(client, { left: isAllowed ? left - 1 : left, atMs: nowMs });
      if (allowances.size > mostClients) {
        const [oldest] = allowances.keys();
        if (oldest !== undefined) allowances.delete(oldest);
      }
      return isAllowed;
    },
  };
}

/** RFC 6177: a site has at least a /64, so that single IPv6 addresses cost nothing. */
export function clientName(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined
      ? left
      : [
          ...left,
          ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'),
          ...right,
        ];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
