import { createSecureContext } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeAuthority, tlsaOf } from '../../../test/support/authority.ts';
import type { Certificate } from '../../../test/support/certificate.ts';
import { expectLine, reply, startSmtpPeer, stay, tls } from '../../../test/support/smtp-peer.ts';
import type { PeerStep, SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { systemClock } from '../../base/index.ts';
import { dial } from './dial.ts';
import type { DialOptions, DialResult } from './contract.ts';
import type { TlsProof } from './peer-proof.ts';
import { defaultTimeouts } from './timeouts.ts';

const authority = makeAuthority();
const stranger = makeAuthority('Somebody else');
const host = 'mx.domain.test';
const context = createSecureContext({ ca: authority.certificate });
const good = authority.issue({ hosts: [host] });

const peers: SmtpPeer[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
});

async function dialWith(
  certificate: Certificate,
  proof: TlsProof | null,
  change: { readonly offer?: string; readonly hostTrusted?: boolean } = {},
): Promise<DialResult> {
  const script: PeerStep[] = [
    reply('220 hello'),
    expectLine(/^EHLO/),
    reply(['250-mx.test', '250 STARTTLS']),
    expectLine(/^STARTTLS$/),
    reply('220 go'),
    tls(certificate),
    ...(change.offer === undefined
      ? [stay()]
      : [expectLine(/^EHLO/), reply(['250-mx.test', `250 ${change.offer}`]), stay()]),
  ];
  // Who is content with what the server proved says EHLO again.
  const greeted: PeerStep[] = [...script.slice(0, 6), expectLine(/^EHLO/), reply('250 mx.test'), stay()];
  const peer = await startSmtpPeer(change.offer === undefined ? greeted : script);
  peers.push(peer);
  const options: DialOptions = {
    host,
    address: '127.0.0.1',
    port: peer.port,
    localAddress: null,
    hostname: 'client.test',
    tls: {
      mode: 'required',
      context,
      ...(proof === null ? {} : { proof }),
      ...(change.hostTrusted === undefined ? {} : { hostTrusted: change.hostTrusted }),
    },
    timeouts: defaultTimeouts,
    clock: systemClock,
  };
  const result = await dial(options);
  if (result.ok) result.session.destroy();
  else {
    // The script of a refused server ends where the client hangs up.
    peers.splice(peers.indexOf(peer), 1);
    await peer.close().catch(() => undefined);
  }
  return result;
}

const outcome = (result: DialResult): string => {
  if (result.ok) return result.session.tls?.verified === true ? 'proved' : 'encrypted';
  return result.failure.origin === 'local' ? result.failure.cause : 'remote';
};

const certificates = {
  good,
  selfSigned: authority.selfSigned({ hosts: [host] }),
  expired: authority.issue({ hosts: [host], fromDays: -10, toDays: -1 }),
  notYet: authority.issue({ hosts: [host], fromDays: 1, toDays: 3 }),
  wrongName: authority.issue({ hosts: ['other.test'] }),
  strangers: stranger.issue({ hosts: [host] }),
  wildcard: authority.issue({ hosts: ['*.domain.test'] }),
};

describe('a valid certificate', () => {
  it.each([
    ['good', 'proved'],
    ['wildcard', 'proved'],
    ['selfSigned', 'certificate-self-signed'],
    ['expired', 'certificate-expired'],
    ['notYet', 'certificate-expired'],
    ['wrongName', 'certificate-name'],
    ['strangers', 'certificate-untrusted'],
  ] as const)('%s: %s when it is demanded, else only told', async (name, expected) => {
    expect(outcome(await dialWith(certificates[name], { by: 'pkix' }))).toBe(expected);
    expect(outcome(await dialWith(certificates[name], null))).toBe(
      expected === 'proved' ? 'proved' : 'encrypted',
    );
  });
});

describe('DANE (RFC 7672)', () => {
  const dane = (...records: (TlsProof & { by: 'dane' })['records']): TlsProof => ({
    by: 'dane',
    records,
    serverName: host,
    names: [host, 'example.test'],
  });
  const ca = authority.certificate;
  const withChain = (name: keyof typeof certificates): Certificate => {
    const { key, cert } = certificates[name];
    return { key, cert: `${cert}\n${ca}` };
  };
  const byName = authority.issue({ hosts: ['example.test'] });

  it.each([
    [3, 0, 0],
    [3, 0, 1],
    [3, 0, 2],
    [3, 1, 0],
    [3, 1, 1],
    [3, 1, 2],
  ] as const)(
    'takes an end entity by %i %i %i, whoever issued it for whatever name and time',
    async (...form) => {
      const records = [certificates.selfSigned, certificates.expired, certificates.wrongName];
      for (const each of records) {
        expect(outcome(await dialWith(each, dane(tlsaOf(each.cert, form))))).toBe('proved');
      }
      expect(outcome(await dialWith(good, dane(tlsaOf(stranger.certificate, form))))).toBe('dane-mismatch');
    },
  );

  it.each([
    [2, 0, 0],
    [2, 0, 1],
    [2, 0, 2],
    [2, 1, 0],
    [2, 1, 1],
    [2, 1, 2],
  ] as const)('takes a trust anchor by %i %i %i, with names and dates', async (...form) => {
    const proof = dane(tlsaOf(ca, form));
    expect(outcome(await dialWith(withChain('good'), proof))).toBe('proved');
    expect(outcome(await dialWith({ key: byName.key, cert: byName.chain }, proof))).toBe('proved');
    expect(outcome(await dialWith(withChain('expired'), proof))).toBe('certificate-expired');
    expect(outcome(await dialWith(withChain('wrongName'), proof))).toBe('certificate-name');
    expect(outcome(await dialWith(certificates.strangers, proof))).toBe('dane-mismatch');
    // A digest names an anchor that the server has to send; a whole one it need not (RFC 7671 §5.2).
    const alone = outcome(await dialWith(good, proof));
    expect(alone).toBe(form[2] === 0 ? 'proved' : 'dane-mismatch');
  });

  it('tries every record, and leaves out those that mail has no use for', async () => {
    const wrong = tlsaOf(stranger.certificate, [3, 1, 1]);
    const right = tlsaOf(good.cert, [3, 1, 1]);
    expect(outcome(await dialWith(good, dane(wrong, right)))).toBe('proved');
    for (const usage of [0, 1, 4])
      expect(outcome(await dialWith(good, dane(wrong, { ...right, usage })))).toBe('dane-mismatch');
    expect(outcome(await dialWith(good, dane(wrong, { ...right, matching: 3 })))).toBe('dane-mismatch');
  });

  it('survives records that are no certificate or key', async () => {
    const garbage = [0, 1].map((selector) => ({
      usage: 2,
      selector,
      matching: 0,
      data: Buffer.from('30030201ff', 'hex'),
    }));
    expect(outcome(await dialWith(withChain('good'), dane(...garbage)))).toBe('dane-mismatch');
  });
});

describe('REQUIRETLS (RFC 8689)', () => {
  const offered = async (certificate: Certificate, hostTrusted: boolean): Promise<boolean> => {
    const result = await dialWith(certificate, null, { offer: 'REQUIRETLS', hostTrusted });
    return result.ok && result.session.extensions.requireTls;
  };

  it('counts only from a server that proved to be the host that the domain means', async () => {
    expect(await offered(good, true)).toBe(true);
    expect(await offered(good, false)).toBe(false);
    expect(await offered(certificates.selfSigned, true)).toBe(false);
  });
});
