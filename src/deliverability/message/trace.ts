import { isIP } from 'node:net';
import { isReservedAddress } from '../reserved-address.ts';
import type { MessageEnvelope } from './check-authentication.ts';
import { valuesOf } from './mail.ts';
import type { Mail } from './mail.ts';

// RFC 5321 §4.4: `from <what it called itself> (<name> [<address>]) by …`; the name in between is each server's own affair.
const client = /^from\s+([^\s;()]{1,255})[^;]{0,300}?[[(](?:IPv6:)?([0-9a-f.:]{2,45})[\])]/i;

/**
 * How a saved mail came, by what the servers wrote on it: the topmost Received field of a client outside, since those above it
 * are hops within the receiver's own house, and Return-Path. Anybody can write both; null: they are not there.
 */
export function envelopeOfTrace(mail: Mail): MessageEnvelope | null {
  const [returnPath] = valuesOf(mail, 'return-path');
  const sender = /^\s*<([^<>]{0,320})>/.exec(returnPath ?? '')?.[1];
  if (sender === undefined) return null;
  for (const trace of valuesOf(mail, 'received')) {
    const [, helo, ip] = client.exec(trace) ?? [];
    if (helo !== undefined && ip !== undefined && isIP(ip) !== 0 && !isReservedAddress(ip))
      return { ip, helo, sender };
  }
  return null;
}
