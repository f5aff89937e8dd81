import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postfixMissing, startPostfix } from '../../bench/postfix-instance.ts';
import type { PostfixInstance } from '../../bench/postfix-instance.ts';
import { startSink } from '../../simulator/sink.ts';
import type { Sink } from '../../simulator/sink.ts';
import { systemClock } from '../../src/base/index.ts';
import { createRouter, sendAlone } from '../../src/delivery/index.ts';
import { createResolver } from '../../src/net/dns/index.ts';
import type { Resolver } from '../../src/net/dns/index.ts';
import { defaultTimeouts, dial } from '../../src/net/smtp-client/index.ts';
import { createTlsPolicies } from '../../src/tls/index.ts';
import { makeAuthority, tlsaOf } from '../support/authority.ts';
import { requirePeer } from '../support/peer.ts';
import { startUnbound } from '../support/unbound.ts';
import type { SignedZone, Unbound } from '../support/unbound.ts';

// An instance of its own needs root, which a desk rarely has.
const peers = ['postfix', 'unbound', 'ldns-signzone'].map((peer) => requirePeer(peer));
const missing = peers.includes(false) ? 'Postfix, unbound or ldnsutils is missing' : postfixMissing(false);
if (missing !== null) console.warn(`SKIPPED, ${missing}`);

const authority = makeAuthority();
const certificate = authority.selfSigned({ hosts: ['whatever.example'] });
const record = (pem: string): string => {
  const { usage, selector, matching, data } = tlsaOf(pem, [3, 1, 1]);
  return `TLSA ${usage} ${selector} ${matching} ${data.toString('hex')}`;
};

describe.skipIf(missing !== null)('Postfix behind unbound', () => {
  let folder: string;
  let sink: Sink;
  let postfix: PostfixInstance;
  let unbound: Unbound;
  let trusted: Resolver;
  let untrusted: Resolver;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'todoku-dane-'));
    // Postfix drops its rights: the way to its folders has to be open.
    chmodSync(folder, 0o755);
    const own = join(folder, 'postfix');
    mkdirSync(own);
    sink = await startSink({ mode: 'counts' });
    postfix = await startPostfix({ folder: own, relayPort: sink.port, keyFile: null });
    const config = join(own, 'etc');
    writeFileSync(join(own, 'tls.pem'), `${certificate.key}\n${certificate.cert}`);
    const settings = [
      'smtpd_tls_security_level=may',
      `smtpd_tls_chain_files=${join(own, 'tls.pem')}`,
      'smtpd_relay_restrictions=permit_mynetworks, reject',
      'smtpd_recipient_restrictions=permit',
    ];
    execFileSync('postconf', ['-c', config, '-e', ...settings]);
    execFileSync('postfix', ['-c', config, 'reload'], { stdio: 'ignore' });
    const right = `_${postfix.port}._tcp.mx ${record(certificate.cert)}`;
    const wrong = `_${postfix.port}._tcp.mx ${record(authority.certificate)}`;
    const mail = ['@ MX 10 mx', 'mx A 127.0.0.1'];
    const zones: readonly SignedZone[] = [
      { name: 'right.example', kind: 'signed', records: [...mail, right] },
      { name: 'wrong.example', kind: 'signed', records: [...mail, wrong] },
      { name: 'without.example', kind: 'signed', records: mail },
      { name: 'unsigned.example', kind: 'unsigned', records: [...mail, wrong] },
      { name: 'bogus.example', kind: 'bogus', records: [...mail, right] },
      // The MX host is an alias of one with TLSA records, and of one that is not signed.
      { name: 'alias.example', kind: 'signed', records: ['@ MX 10 mx', 'mx CNAME mx.right.example.'] },
      {
        name: 'leaving.example',
        kind: 'signed',
        records: ['@ MX 10 mx', 'mx CNAME mx.unsigned.example.', wrong],
      },
      // The domain is not signed, its host is: the name of the host may be forged, so its records prove nothing.
      { name: 'hosted.example', kind: 'unsigned', records: ['@ MX 10 mx.wrong.example.'] },
    ];
    unbound = await startUnbound(zones);
    const resolver = { servers: [unbound.server], timeoutMs: 5_000, attempts: 2, clock: systemClock };
    trusted = createResolver({ ...resolver, trustAd: true });
    untrusted = createResolver(resolver);
  }, 60_000);

  afterAll(async () => {
    trusted.close();
    untrusted.close();
    await unbound.stop();
    postfix.stop();
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['right.example', 'verified', 'encrypted'],
    ['alias.example', 'verified', 'encrypted'],
    ['wrong.example', 'dane-mismatch', 'encrypted'],
    ['leaving.example', 'dane-mismatch', 'encrypted'],
    ['without.example', 'encrypted', 'encrypted'],
    ['unsigned.example', 'encrypted', 'encrypted'],
    ['hosted.example', 'encrypted', 'encrypted'],
    // unbound answers SERVFAIL for it, whether it is believed otherwise or not.
    ['bogus.example', 'dns-servfail', 'dns-servfail'],
  ])(
    '%s: %s; %s when the resolver is not trusted',
    async (domain, expected, unproved) => {
      expect(await deliver(trusted, domain, true)).toBe(expected);
      expect(await deliver(untrusted, domain, false)).toBe(unproved);
    },
    60_000,
  );

  async function deliver(resolver: Resolver, domain: string, trustAd: boolean): Promise<string> {
    const random = (): number => 0;
    // No `_mta-sts` record is in any zone: what counts here is DANE.
    const tls = createTlsPolicies({ rules: [], sts: null, trustAd });
    const policies = {
      ...tls,
      policyFor: (name: string) => Promise.resolve({ ...tls.configured(name), dane: trustAd }),
    };
    const router = createRouter({
      resolver,
      routes: [],
      port: postfix.port,
      clock: systemClock,
      random,
      tls: policies,
    });
    const body = Buffer.from('From: b@sender.example\r\nSubject: x\r\n\r\nhello\r\n');
    const outcome = await sendAlone(
      { from: 'b@sender.example', to: `a@${domain}`, body, dotSafe: true, eightBit: false, smtpUtf8: false },
      {
        router,
        resolver,
        dial,
        clock: systemClock,
        settings: {
          localAddress: null,
          hostname: 'client.example',
          tls: { mode: 'opportunistic', context: createSecureContext() },
          timeouts: defaultTimeouts,
          clock: systemClock,
        },
      },
    );
    if (outcome.kind !== 'delivered')
      return outcome.origin === 'local' ? outcome.cause : String(outcome.reply.code);
    return outcome.tls === null ? 'clear' : outcome.tls.verified ? 'verified' : 'encrypted';
  }
});
