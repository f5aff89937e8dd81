import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AppError } from '../src/base/index.ts';
import { FakeClock } from '../test/support/fake-clock.ts';
import { openSmtpDialog } from '../test/support/smtp-dialog.ts';
import type { SmtpDialog } from '../test/support/smtp-dialog.ts';
import { startSimulator } from './index.ts';
import type { ProviderInput, Simulator, SimulatorOptions } from './index.ts';

let folder = '';
let running: Simulator[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'todoku-simulator-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
});

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ seed: 'test', folder, tls: false, ...options });
  running.push(simulator);
  return simulator;
}

const base = {
  id: 'one',
  name: { ja: '一', en: 'one' },
  domains: ['one.example'],
  hosts: [{ name: 'mx.one.example', address: '127.1.200.1' }],
} satisfies ProviderInput;

async function greeted(simulator: Simulator, address = '127.1.200.1'): Promise<SmtpDialog> {
  const dialog = await openSmtpDialog(simulator.smtpPort, address);
  expect(await dialog.reply()).toMatch(/^220 /);
  await dialog.ask('EHLO client.test');
  return dialog;
}

/** One whole message; the last reply. */
async function deliver(
  dialog: SmtpDialog,
  recipient: string,
  content = 'Message-ID: <1@x>\r\n\r\nx',
): Promise<string> {
  for (const line of ['MAIL FROM:<a@example.jp>', `RCPT TO:<${recipient}>`, 'DATA', `${content}\r\n.`]) {
    const reply = await dialog.ask(line);
    if (!/^[23]/.test(reply)) {
      if (/^[45]/.test(reply)) await dialog.ask('RSET');
      return reply;
    }
    if (line.endsWith('.')) return reply;
  }
  throw new Error('unreachable');
}

test('the whole internet starts: every domain leads to its hosts, down ones are refused', async () => {
  const simulator = await start();
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([simulator.dnsServer]);
  for (const provider of simulator.providers) {
    if (provider.resolves !== 'mx') continue;
    for (const domain of provider.domains) {
      const hosts = (await resolver.resolveMx(domain)).map((record) => record.exchange);
      expect(hosts.toSorted()).toEqual(provider.hosts.map((host) => host.name).toSorted());
    }
    for (const host of provider.hosts) {
      const [address = ''] = await resolver.resolve4(host.name);
      const opening = openSmtpDialog(simulator.smtpPort, address);
      if (host.state === 'refused') {
        await expect(opening).rejects.toThrow('ECONNREFUSED');
      } else expect(await (await opening).reply()).toMatch(/^220[ -]/);
    }
  }
  await expect(resolver.resolveMx('gmial.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolver.resolveMx('yama-no-kai.example')).rejects.toMatchObject({ code: 'ENODATA' });
  expect(await resolver.resolve4('yama-no-kai.example')).toEqual(['127.1.12.1']);
  expect(await resolver.resolveMx('nomail.example')).toHaveLength(1);
  expect(simulator.dnsQueries().get('MX gmial.com')).toBe(1);
  expect(simulator.expected('taro@gmial.com')).toMatchObject({ fate: 'refused', verdict: 'hostunknown' });
});

test('what is expected of an address is what its provider does, and the same seed does the same again', async () => {
  const simulator = await start({
    providers: ['gmail', 'docomo', 'au', 'softbank', 'icloud', 'yahoo-japan'],
  });
  const hosts: Record<string, string> = {
    'gmail.com': '127.1.1.1',
    'docomo.ne.jp': '127.1.4.1',
    'au.com': '127.1.5.1',
    'softbank.ne.jp': '127.1.6.1',
    'icloud.com': '127.1.7.1',
    'yahoo.co.jp': '127.1.3.1',
  };
  for (const [domain, address] of Object.entries(hosts)) {
    const verdicts = new Set<string | null>();
    let dialog = await greeted(simulator, address);
    for (let user = 0; user < 150; user += 1) {
      const recipient = `user${user}@${domain}`;
      const expected = simulator.expected(recipient);
      verdicts.add(expected.verdict);
      if (expected.setbacks > 0) continue;
      // Before the lowest limit of messages per connection, which is 20.
      if (user % 15 === 0) {
        dialog.destroy();
        await dialog.closed;
        dialog = await greeted(simulator, address);
      }
      const reply = await deliver(dialog, recipient);
      expect([recipient, reply[0]]).toEqual([recipient, expected.fate === 'delivered' ? '2' : '5']);
    }
    dialog.destroy();
    expect(verdicts).toContain('userunknown');
  }
  const again = await start({ providers: ['gmail'] });
  const other = await start({ providers: ['gmail'], seed: 'other' });
  const fates = (from: Simulator): string =>
    Array.from({ length: 500 }, (_value, user) => from.expected(`user${user}@gmail.com`).fate).join();
  expect(fates(again)).toBe(fates(simulator));
  expect(fates(other)).not.toBe(fates(simulator));
});

test('docomo: unknown at RCPT, the same words after DATA for a filter; quoted old addresses are taken', async () => {
  const simulator = await start({ providers: ['docomo'] });
  const users = Array.from({ length: 2_000 }, (_value, user) => `u..${user}@docomo.ne.jp`);
  const of = (verdict: string | null): string =>
    users.find((user) => simulator.expected(user).verdict === verdict) ?? 'none';
  const quoted = (user: string): string => user.replace(/^(.*)@/, '"$1"@');
  const dialog = await greeted(simulator, '127.1.4.1');
  const unknown = of('userunknown');
  expect(await deliver(dialog, quoted(unknown))).toBe(`550 Unknown user ${unknown}`);
  const filtered = of('filtered');
  expect(simulator.expected(filtered).stage).toBe('eom');
  expect(await deliver(dialog, quoted(filtered))).toBe(`550 Unknown user ${filtered}`);
  expect(await deliver(dialog, quoted(of(null)))).toMatch(/^250 ok /);
  expect(await deliver(dialog, of('mailboxfull').replace('u..', 'v..'))).toMatch(/^501 /);
  expect(await deliver(dialog, 'x@elsewhere.example')).toMatch(/^554 5\.7\.1/);
  expect(simulator.stats()['docomo']).toMatchObject({
    connections: 1,
    open: 1,
    accepted: 1,
    refused: { unknown: 1, filtered: 1, relay: 1 },
    replies: { '550': 2, '554 5.7.1': 1 },
  });
});

test('greylisting for a time, shortened by the time scale; refusals twice, then yes', async () => {
  const clock = new FakeClock();
  const simulator = await start({
    clock,
    timeScale: 60,
    providers: [
      {
        ...base,
        recipients: [{ id: 'grey', forSeconds: 300, reply: '450 4.2.0 <{recipient}>: Greylisted' }],
      },
      {
        ...base,
        id: 'two',
        domains: ['two.example'],
        hosts: [{ name: 'mx.two.example', address: '127.1.200.2' }],
        recipients: [{ id: 'twice', times: 2, reply: '450 4.3.2 later' }],
      },
    ],
  });
  const dialog = await greeted(simulator);
  expect(await deliver(dialog, 'a@one.example')).toBe('450 4.2.0 <a@one.example>: Greylisted');
  await clock.advance(4_999);
  expect(await deliver(dialog, 'A@One.example')).toMatch(/^450 /);
  await clock.advance(1);
  expect(await deliver(dialog, 'a@one.example')).toMatch(/^250 /);
  expect(simulator.expected('a@one.example')).toMatchObject({ fate: 'delivered', setbacks: 1, copies: 1 });

  const two = await greeted(simulator, '127.1.200.2');
  const replies = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    replies.push((await deliver(two, 'a@two.example')).slice(0, 3));
  }
  expect(replies).toEqual(['450', '450', '250']);
  expect(simulator.expected('a@two.example')).toMatchObject({ fate: 'delivered', setbacks: 2 });
});

test('limits: connections at a time, messages per connection, messages per time', async () => {
  const clock = new FakeClock();
  const simulator = await start({
    clock,
    providers: [
      {
        ...base,
        connections: { max: 2, reply: '421 4.7.0 {host} Error: too many connections from {ip}' },
        messagesPerConnection: { max: 2, reply: '421 4.7.0 enough' },
        rates: [{ id: 'minute', messages: 3, perSeconds: 60, reply: '450 4.7.1 too fast' }],
      },
    ],
  });
  const first = await greeted(simulator);
  const second = await greeted(simulator);
  const third = await openSmtpDialog(simulator.smtpPort, '127.1.200.1');
  expect(await third.reply()).toBe('421 4.7.0 mx.one.example Error: too many connections from 127.0.0.1');
  expect(await third.reply()).toBe('<closed>');
  for (const user of ['a', 'b']) expect(await deliver(first, `${user}@one.example`)).toMatch(/^250 /);
  expect(await first.ask('MAIL FROM:<a@example.jp>')).toBe('421 4.7.0 enough');
  expect(await first.closed).toBe('<closed>');
  expect(await deliver(second, 'c@one.example')).toMatch(/^250 /);
  expect(await deliver(second, 'd@one.example')).toBe('450 4.7.1 too fast');
  await clock.advance(60_000);
  expect(await deliver(second, 'd@one.example')).toMatch(/^250 /);
});

test('a block after too many unknown users, until it ends', async () => {
  const clock = new FakeClock();
  const block = { afterUnknown: 2, forSeconds: 600, verdict: 'blocked' };
  const simulator = await start({
    clock,
    providers: [
      {
        ...base,
        block: { ...block, stage: 'mail', reply: '550 5.7.1 [{ip}] is on our block list' },
        recipients: [{ id: 'unknown', localPart: '^no', reply: '550 5.1.1 unknown', verdict: 'userunknown' }],
      },
    ],
  });
  const dialog = await greeted(simulator);
  for (const user of ['no1', 'no2']) {
    expect(await deliver(dialog, `${user}@one.example`)).toBe('550 5.1.1 unknown');
  }
  expect(await deliver(dialog, 'yes@one.example')).toBe('550 5.7.1 [127.0.0.1] is on our block list');
  await clock.advance(600_000);
  expect(await deliver(dialog, 'yes@one.example')).toMatch(/^250 /);
});

test('cut after the final dot, kept or not; words in whatever encoding; slow replies; reset', async () => {
  const clock = new FakeClock();
  const eom = { stage: 'eom' } as const;
  const simulator = await start({
    clock,
    providers: [
      {
        ...base,
        recipients: [
          { ...eom, id: 'kept', localPart: '^kept', drop: 'close', stored: true, times: 1 },
          { ...eom, id: 'lost', localPart: '^lost', drop: 'reset' },
          { ...eom, id: 'words', words: ['儲かる'], reply: '550 5.7.1 spam', verdict: 'spamdetected' },
          { id: 'slow', localPart: '^slow', delayMs: 30_000 },
        ],
      },
    ],
  });
  expect(await deliver(await greeted(simulator), 'kept@one.example')).toBe('<closed>');
  expect(await deliver(await greeted(simulator), 'kept@one.example')).toMatch(/^250 /);
  expect(simulator.expected('kept@one.example')).toMatchObject({ fate: 'delivered', copies: 2, setbacks: 1 });
  expect(await deliver(await greeted(simulator), 'lost@one.example')).toBe('<reset>');
  expect(simulator.expected('lost@one.example')).toMatchObject({ fate: 'uncertain', copies: 0 });
  expect(simulator.stats()['one']).toMatchObject({ accepted: 2, duplicates: 1, dropped: 2 });

  const base64 = Buffer.from('すぐに儲かる話です。'.repeat(20))
    .toString('base64')
    .replaceAll(/.{76}/g, '$&\r\n');
  const encodings = ['儲かる', '=E5=84=\r\n=B2=E3=81=8B=E3=82=8B', base64];
  const dialog = await greeted(simulator);
  for (const body of encodings) {
    expect(await deliver(dialog, 'a@one.example', `Subject: x\r\n\r\n${body}`)).toBe('550 5.7.1 spam');
  }
  const subject = `Subject: =?UTF-8?B?${Buffer.from('必ず儲かる').toString('base64')}?=\r\n\r\nx`;
  expect(await deliver(dialog, 'a@one.example', subject)).toBe('550 5.7.1 spam');

  const slow = deliver(dialog, 'slow@one.example');
  await expect.poll(() => clock.pendingTimers).toBe(1);
  await clock.advance(30_000);
  expect(await slow).toMatch(/^250 /);
});

test('a provider can go down and come up while it runs; happenings can be waited for', async () => {
  const simulator = await start({ providers: [base] });
  const dialog = await greeted(simulator);
  const accepted = simulator.waitFor((happening) => happening.kind === 'accepted');
  await deliver(dialog, 'a@one.example');
  expect(await accepted).toEqual({
    kind: 'accepted',
    provider: 'one',
    recipient: 'a@one.example',
    messageId: '<1@x>',
  });
  const gone = simulator.waitFor((happening) => happening.kind === 'disconnected');
  await simulator.provider('one').down();
  await gone;
  await expect(openSmtpDialog(simulator.smtpPort, '127.1.200.1')).rejects.toThrow('ECONNREFUSED');
  await simulator.provider('one').up();
  expect(await deliver(await greeted(simulator), 'b@one.example')).toMatch(/^250 /);
  const never = simulator.waitFor((happening) => happening.provider === 'nobody');
  await Promise.all([expect(never).rejects.toThrow('stopped before'), simulator.stop()]);
});

test('rehearsal: down at first, then refuses 5 %, puts off 10 % twice, cuts 1 % after the dot', async () => {
  const clock = new FakeClock();
  const simulator = await start({ clock, providers: ['rehearsal'] });
  await expect(openSmtpDialog(simulator.smtpPort, '127.1.99.1')).rejects.toThrow('ECONNREFUSED');
  const up = simulator.waitFor((happening) => happening.kind === 'up');
  await clock.advance(10_000);
  await up;
  const counts: Record<string, number> = {};
  for (let user = 0; user < 20_000; user += 1) {
    const { fate, setbacks } = simulator.expected(`user${user}@any.example`);
    counts[`${fate} ${setbacks}`] = (counts[`${fate} ${setbacks}`] ?? 0) + 1;
  }
  // Shares of those that the behaviours before left over; four standard deviations wide.
  expect(counts['refused 0']).toBeGreaterThan(870);
  expect(counts['refused 0']).toBeLessThan(1_130);
  expect(counts['delivered 2']).toBeGreaterThan(1_720);
  expect(counts['delivered 2']).toBeLessThan(2_080);
  expect(counts['delivered 1']).toBeGreaterThan(110);
  expect(counts['delivered 1']).toBeLessThan(240);
  expect(await deliver(await greeted(simulator, '127.1.99.1'), 'user1@any.example')).toMatch(
    /^250 |^450 |^550 /,
  );
});

test('STARTTLS with the own CA: nodemailer verifies it, and a provider may demand it', async () => {
  const simulator = await start({ tls: true, providers: ['company-fallback', 'icloud'], mail: 'mbox' });
  const ca = readFileSync(simulator.caFile ?? '');
  const transport = createTransport({
    host: '127.1.10.2',
    port: simulator.smtpPort,
    requireTLS: true,
    tls: { ca, servername: 'mx2.suzuki-seisakusho.example' },
  });
  const sent = await transport.sendMail({
    from: 'a@example.jp',
    to: 'info@suzuki-seisakusho.example',
    subject: 'こんにちは',
    text: 'From here\n.\n届きましたか。',
  });
  transport.close();
  expect(sent.response).toMatch(/^250 2\.0\.0/);
  const plain = await greeted(simulator, '127.1.10.2');
  expect(await plain.ask('MAIL FROM:<>')).toBe('530 5.7.0 Must issue a STARTTLS command first');
  await simulator.stop();
  const mbox = readFileSync(join(folder, 'mail', 'company-fallback.mbox'), 'utf8');
  expect(mbox).toMatch(/^From a@example\.jp .*\nReturn-Path: <a@example\.jp>\nDelivered-To: info@/);
  expect(mbox).toMatch(/^>From here$/m);

  // The next start takes the same certificates from the folder.
  const tls = join(folder, 'tls');
  const before = readdirSync(tls).map((name) => statSync(join(tls, name)).mtimeMs);
  await start({ tls: true, providers: ['company-fallback', 'icloud'] });
  expect(readdirSync(tls).map((name) => statSync(join(tls, name)).mtimeMs)).toEqual(before);
});

test('commands pipelined behind STARTTLS in the clear are not carried out (RFC 3207 §4.2)', async () => {
  const simulator = await start({ tls: true, providers: ['company-fallback'] });
  const dialog = await greeted(simulator, '127.1.10.2');
  dialog.send('STARTTLS\r\nMAIL FROM:<evil@example.jp>\r\nQUIT\r\n');
  expect(await dialog.reply()).toMatch(/^220 2\.0\.0/);
  dialog.send('no handshake\r\n');
  expect(await dialog.reply()).not.toMatch(/^250/);
});

test('what cannot start says why in one line', async () => {
  const simulator = await start({ providers: [base] });
  const same = startSimulator({ seed: 'x', folder, tls: false, providers: [base], port: simulator.smtpPort });
  await expect(same).rejects.toMatchObject({ code: 'simulator-port-in-use' });
  await expect(start({ providers: ['gmial'] })).rejects.toBeInstanceOf(AppError);
  const wrong = { ...base, recipients: [{ id: 'x', times: 2, reply: '550 5.1.1 no' }] };
  await expect(start({ providers: [wrong] })).rejects.toThrow(/senders do not come back/);
  const unnamed = { ...base, recipients: [{ id: 'x', reply: '550 5.1.1 no' }] };
  await expect(start({ providers: [unnamed] })).rejects.toThrow(/needs its verdict/);
});
