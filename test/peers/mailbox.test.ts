import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/index.ts';
import type { Finding } from '../../src/findings/index.ts';
import { checkMailbox, openTcp, usualTls } from '../../src/mailbox/index.ts';
import type { MailboxQuestion, Protocol, TlsMode } from '../../src/mailbox/index.ts';
import { facts, finding, noNames } from '../findings/mailbox-worlds.ts';
import { faultsOf } from '../findings/world.ts';
import { makeAuthority } from '../support/authority.ts';
import { logsOf, startMailProvider } from '../support/mail-provider.ts';
import type { MailProvider, ProviderOptions } from '../support/mail-provider.ts';
import { requirePeer } from '../support/peer.ts';

const peers = ['dovecot', 'postfix', '/usr/lib/dovecot/managesieve', '/usr/lib/dovecot/pop3'];
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('SKIPPED, a mail provider needs root to start');
const isMissing = peers.some((peer) => !requirePeer(peer)) || !isRoot;

const authority = makeAuthority('Example Public CA');
const issued = authority.issue({ hosts: ['localhost'] });
const certificate = { key: issued.key, cert: issued.chain };
const shop = (n: number): string =>
  `From: Shop <news@shop.example>\nTo: taro@mail.test\nSubject: sale ${n}\n\nHello\n`;

describe.skipIf(isMissing)('a mailbox at Postfix and Dovecot', { timeout: 60_000 }, () => {
  const open: { stop(): unknown }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.stop();
  });

  const start = async (options: Partial<ProviderOptions> = {}): Promise<MailProvider> => {
    const provider = await startMailProvider({ certificate, ...options });
    open.push(provider);
    return provider;
  };

  const check = async (
    provider: MailProvider,
    servers: Readonly<Partial<Record<Protocol, readonly [number, TlsMode?]>>>,
    change: Partial<MailboxQuestion> = {},
  ): Promise<readonly Finding[]> => {
    const services = (['imap', 'pop', 'smtp'] as const).flatMap((protocol) => {
      const [port, tls = 'implicit'] = servers[protocol] ?? [0];
      return port === 0 ? [] : [{ protocol, host: 'localhost', port, tls, origin: 'given' as const }];
    });
    const found = await checkMailbox(
      {
        address: provider.address,
        services,
        user: null,
        password: provider.password,
        sender: null,
        roundTripMs: null,
        sievePort: provider.ports.sieve,
        searchMs: 30_000,
        limitMs: 50_000,
        ...change,
      },
      {
        finding,
        facts,
        resolver: noNames,
        clock: systemClock,
        random: () => 0.5,
        dialog: {
          clock: systemClock,
          // A dropped packet is dropped for good on loopback: the connection need not wait long.
          limits: { connectMs: 500, tlsMs: 8_000, replyMs: 15_000 },
          open: openTcp,
          authorities: [authority.certificate],
        },
        fetchText: () => Promise.resolve(null),
        anchors: ['127.0.0.1:1'],
        hostname: 'check.test',
        progress: () => undefined,
      },
    );
    for (const { advice } of found)
      for (const text of [advice.ja, advice.en])
        expect(text.title.length * text.meaning.length).toBeGreaterThan(0);
    expect(JSON.stringify(found)).not.toContain(provider.password);
    return found;
  };

  const ids = (found: readonly Finding[]): readonly string[] =>
    found.map(({ id }) => id.replace('mailbox.', ''));
  const faults = (found: readonly Finding[]): readonly string[] =>
    faultsOf(found).map((id) => id.replace('mailbox.', ''));

  it('is in order, with TLS from the start and with STARTTLS, and a mail goes round', async () => {
    const provider = await start();
    const { imap, imaps, pop, pops, submission, submissions } = provider.ports;
    expect(usualTls(993)).toBe('implicit');
    const found = await check(
      provider,
      { imap: [imaps], pop: [pops], smtp: [submissions] },
      { roundTripMs: 30_000 },
    );
    expect(ids(found)).toEqual(['in-order', 'in-order', 'in-order', 'round-trip-arrived']);
    const other = {
      imap: [imap, 'starttls'],
      pop: [pop, 'starttls'],
      smtp: [submission, 'starttls'],
    } as const;
    expect(ids(await check(provider, other))).toEqual(['in-order', 'in-order', 'in-order']);
    const byPop = await check(provider, { pop: [pops], smtp: [submissions] }, { roundTripMs: 30_000 });
    expect(ids(byPop)).toEqual(['in-order', 'in-order', 'round-trip-arrived']);
    expect(logsOf(provider)).not.toContain(provider.password);
  });

  it('names what is wrong with the way there', async () => {
    const provider = await start();
    expect(faults(await check(provider, { imap: [1] }))).toEqual(['port-refused']);
    const dropping = await startDropping();
    open.push(dropping);
    expect(faults(await check(provider, { imap: [dropping.port] }))).toEqual(['port-silent']);
    const shield = makeAuthority('Kaspersky Anti-Virus Personal Root Certificate').issue({
      hosts: ['localhost'],
    });
    const proxy = await startProxy(provider.ports.imap, shield);
    open.push(proxy);
    const [found] = await check(provider, { imap: [proxy.port] });
    expect(found).toMatchObject({ id: 'mailbox.tls-intercepted', severity: 'problem' });
    expect(found?.advice.en.title).toContain('Kaspersky');
    expect(faults(await check(provider, { imap: [provider.ports.imap, 'implicit'] }))).toEqual([
      'tls-wrong-mode',
    ]);
  });

  it('names an expired certificate, and a server without TLS', async () => {
    const expired = await start({
      certificate: authority.issue({ hosts: ['localhost'], fromDays: -9, toDays: -2 }),
    });
    for (const servers of [
      { imap: [expired.ports.imaps] },
      { smtp: [expired.ports.submission, 'starttls'] },
    ] as const)
      expect(faults(await check(expired, servers))).toEqual(['certificate-expired']);
    const bare = await start({ dovecot: ['ssl = no'], postfix: ['smtpd_tls_security_level = none'] });
    expect(faults(await check(bare, { imap: [bare.ports.imap, 'starttls'] }))).toEqual(['starttls-missing']);
    expect(faults(await check(bare, { smtp: [bare.ports.submission, 'starttls'] }))).toEqual([
      'starttls-missing',
    ]);
  });

  it('names a wrong password at each server, a missing AUTH, and a missing login', async () => {
    const provider = await start();
    const { imaps, pops, submissions } = provider.ports;
    for (const servers of [{ imap: [imaps] }, { pop: [pops] }, { smtp: [submissions] }] as const)
      expect(faults(await check(provider, servers, { password: 'wrong' }))).toEqual(['wrong-password']);
    expect(faults(await check(provider, { smtp: [submissions] }, { password: null }))).toEqual([
      'login-first',
    ]);
    const without = await start({ postfix: ['smtpd_sasl_auth_enable = no'] });
    expect(faults(await check(without, { smtp: [without.ports.submissions] }))).toEqual(['auth-missing']);
  });

  it('names a full mailbox', async () => {
    const provider = await start({ quotaKilobytes: 100 });
    provider.deliver(`Subject: large\n\n${`${'x'.repeat(70)}\n`.repeat(1_430)}`);
    const found = await check(provider, { imap: [provider.ports.imaps] });
    expect(faults(found)).toEqual(['quota-full']);
    expect(found[0]?.evidence).toMatch(/storage \d+\/102400/);
  });

  it('names a locked maildrop', async () => {
    const provider = await start();
    const socket = connect(provider.ports.pop, '127.0.0.1');
    open.push({ stop: () => socket.destroy() });
    // Loopback counts as safe for Dovecot: the other session may sign in in the clear.
    await once(socket, 'data');
    for (const line of [`USER ${provider.address}`, `PASS ${provider.password}`]) {
      socket.write(`${line}\r\n`);
      expect(String((await once(socket, 'data'))[0])).toMatch(/^\+OK/);
    }
    expect(faults(await check(provider, { pop: [provider.ports.pops] }))).toEqual(['maildrop-locked']);
  });

  it('finds the mail of a sender: inbox, junk, by rule, thrown away, nowhere', async () => {
    const provider = await start();
    const asked = async (): Promise<readonly string[]> =>
      ids(await check(provider, { imap: [provider.ports.imaps] }, { sender: 'news@shop.example' })).filter(
        (id) => id !== 'in-order',
      );
    expect(await asked()).toEqual(['sender-not-there']);
    provider.rule('require ["fileinto"];\nif address :is "from" "news@shop.example" { discard; }\n');
    provider.deliver(shop(1));
    expect(await asked()).toEqual(['rule-drops']);
    provider.rule('require ["fileinto"];\nif address :is "from" "news@shop.example" { fileinto "Junk"; }\n');
    provider.deliver(shop(2));
    expect(await asked()).toEqual(['sender-by-rule']);
    provider.rule('keep;\n');
    expect(await asked()).toEqual(['sender-in-junk']);
    provider.deliver(shop(3));
    expect(await asked()).toEqual(['sender-in-inbox', 'sender-in-junk']);
  });

  it('looks through a folder of 60,000 messages', async () => {
    const provider = await start();
    provider.fill(
      'old',
      Array.from({ length: 60_000 }, (_, n) => `From: a${n}@shop.example\nSubject: ${n}\n\nText\n`),
    );
    const found = await check(provider, { imap: [provider.ports.imaps] }, { sender: 'a59999@shop.example' });
    expect(faults(found)).toEqual(['folder-many-messages', 'sender-in-folder']);
    expect(found[0]?.evidence).toContain('Archive/old: 60000');
  });
});

/** A port whose queue of connections is full: the kernel drops what else comes, as a firewall does. */
async function startDropping(): Promise<{ readonly port: number; stop(): void }> {
  const program = `
import socket, sys
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0)
held = []
for _ in range(4):
    c = socket.socket(); c.setblocking(False); c.connect_ex(s.getsockname()); held.append(c)
print(s.getsockname()[1], flush=True)
sys.stdin.read()
`;
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(line.toString()), stop: () => void child.kill() };
}

/** Ends TLS with a certificate of its own and goes on in the clear, as security programs do. */
async function startProxy(
  target: number,
  shield: { readonly key: string; readonly cert: string },
): Promise<{ readonly port: number; stop(): void }> {
  const server = createTlsServer({ key: shield.key, cert: shield.cert }, (client) => {
    const behind = connect(target, '127.0.0.1');
    client.pipe(behind).pipe(client);
    client.on('error', () => behind.destroy());
    behind.on('error', () => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
}
