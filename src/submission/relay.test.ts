import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { driveSmtpDialog } from '../../test/support/smtp-dialog.ts';
import { authPlain, openSubmissionWorld, sendData, tokens } from '../../test/support/submission-world.ts';
import type { SubmissionWorld } from '../../test/support/submission-world.ts';

let world: SubmissionWorld;
beforeAll(async () => (world = await openSubmissionWorld()));
afterEach(() => {
  if (world.troubles.length > 0) throw new AggregateError(world.troubles, 'the listener had trouble');
});
afterAll(async () => await world.listener.stop(0));

// What open relays were found with: none of it means anything here without a login.
const recipients = [
  'victim@example.org',
  'victim%example.org@mail.example',
  'victim%example.org',
  'example.org!victim',
  'victim@example.org@mail.example',
  '"victim@example.org"',
  '"victim@example.org"@mail.example',
  '"victim%example.org"@mail.example',
  '@mail.example:victim@example.org',
  '@mail.example,@shop.example:victim@example.org',
  'victim@[192.0.2.1]',
  'postmaster',
  'app@shop.example',
];
const senders = ['', 'app@shop.example', 'app@mail.example', 'postmaster@[127.0.0.1]', 'x@example.org', 'a'];

describe('without a login', () => {
  it.each(['starttls', 'implicit'] as const)('relays nothing (%s)', async (kind) => {
    const before = world.taken.length;
    for (const sender of senders) {
      for (const recipient of recipients) {
        const dialog = await world.open(kind);
        await dialog.reply();
        await dialog.ask('EHLO mail.example');
        dialog.send(
          `MAIL FROM:<${sender}>\r\nRCPT TO:<${recipient}>\r\nDATA\r\nFrom: app@shop.example\r\n\r\nx\r\n.\r\n`,
        );
        const replies = [await dialog.reply(), await dialog.reply(), await dialog.reply()];
        for (const reply of replies) expect(reply).toMatch(/^5(30|01|00) /);
        dialog.destroy();
      }
    }
    expect(world.taken.length).toBe(before);
  });

  it('relays nothing after a failed login, an aborted one, or HELO', async () => {
    for (const login of [
      authPlain('tdk_k-0000000000-shop1_wrong'),
      'AUTH PLAIN',
      'AUTH LOGIN',
      'AUTH CRAM-MD5',
      'AUTH',
    ]) {
      const dialog = await world.open();
      await dialog.reply();
      await dialog.ask('HELO mail.example');
      const answer = await dialog.ask(login);
      if (answer.startsWith('334')) expect(await dialog.ask('*')).toMatch(/^501 /);
      expect(await dialog.ask('MAIL FROM:<app@shop.example>')).toMatch(/^530 /);
      dialog.destroy();
    }
  });

  it('forgets what was said before STARTTLS, and what was injected behind it', async () => {
    const before = world.taken.length;
    const clear = await world.open('starttls');
    await clear.reply();
    await clear.ask('EHLO client.example');
    // CVE-2011-0411: commands in the segment of STARTTLS must not run inside TLS.
    clear.send(`STARTTLS\r\n${authPlain(tokens.shop)}\r\nMAIL FROM:<app@shop.example>\r\n`);
    expect(await clear.reply()).toMatch(/^220 /);
    const socket = connectTls({ socket: clear.socket, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const dialog = driveSmtpDialog(socket);
    expect(await dialog.ask('EHLO client.example')).toMatch(/^250-mail\.example/);
    expect(await dialog.ask('MAIL FROM:<app@shop.example>')).toMatch(/^530 /);
    expect(world.taken.length).toBe(before);
  });

  it('knows none of the proxies’ and wizards’ commands', async () => {
    const dialog = await world.open();
    await dialog.reply();
    await dialog.ask('EHLO client.example');
    for (const command of [
      'XCLIENT LOGIN=shop',
      'XFORWARD ADDR=127.0.0.1',
      'WIZ x',
      'SHELL',
      'KILL',
      'ETRN x',
      'TURN',
    ])
      expect(await dialog.ask(command)).toMatch(/^500 /);
  });
});

describe('with a key for shop.example', () => {
  it.each([
    ['another configured domain', 'ceo@bank.example', '553 5.7.1'],
    ['a domain that is not ours', 'x@example.org', '553 5.7.1'],
    ['a domain that only ends like ours', 'x@evilshop.example', '553 5.7.1'],
    ['an address literal', 'x@[127.0.0.1]', '553 5.1.7'],
    ['a source route to another', '@shop.example:x@bank.example', '553 5.7.1'],
    ['a quoted local part with another address in it', '"x@shop.example"@bank.example', '501 5.1.7'],
    ['no domain', 'root', '501 5.1.7'],
    ['a percent hack', 'x%shop.example@bank.example', '553 5.7.1'],
    ['letters that look alike', 'x@ѕhop.example', '553 5.7.1'],
  ])('refuses MAIL FROM %s', async (_name, sender, expected) => {
    const dialog = await world.logIn();
    expect((await dialog.ask(`MAIL FROM:<${sender}>`)).slice(0, 9)).toBe(expected);
    dialog.destroy();
  });

  it.each([
    ['itself', 'Shop <app@shop.example>', '250 2.0.0'],
    ['a subdomain', 'app@mail.shop.example', '250 2.0.0'],
    ['two authors of it', 'a@shop.example, b@shop.example', '250 2.0.0'],
    ['a route through another', '<@bank.example:a@shop.example>', '250 2.0.0'],
    ['another configured domain', 'ceo@bank.example', '550 5.7.1'],
    ['one of two authors', 'a@shop.example, ceo@bank.example', '550 5.7.1'],
    ['another in a group', 'Staff: ceo@bank.example;', '550 5.7.1'],
    ['a name that is an address of another', 'ceo@bank.example <a@shop.example>', '554 5.6.0'],
    ['two angle addresses', '<a@shop.example> <ceo@bank.example>', '554 5.6.0'],
    ['two addresses without a comma', 'a@shop.example ceo@bank.example', '554 5.6.0'],
    ['a comment that is not closed', 'ceo@bank.example (a@shop.example', '554 5.6.0'],
    ['a quote that is not closed', '"a@shop.example', '554 5.6.0'],
    ['nobody', '', '554 5.6.0'],
    ['an empty group', 'undisclosed:;', '554 5.6.0'],
    ['only a name', 'Shop', '554 5.6.0'],
    ['an encoded address', '=?utf-8?q?ceo=40bank.example?=', '554 5.6.0'],
  ])('answers From of %s', async (_name, from, expected) => {
    const dialog = await world.logIn();
    expect((await sendData(dialog, `From: ${from}\r\n\r\nx\r\n.\r\n`)).slice(0, 9)).toBe(expected);
    dialog.destroy();
  });

  it('refuses a Sender of another, and a mail without From', async () => {
    const dialog = await world.logIn();
    expect(await sendData(dialog, 'From: a@shop.example\r\nSender: x@bank.example\r\n\r\n.\r\n')).toMatch(
      /^550 5\.7\.1 /,
    );
    expect(await sendData(dialog, 'Subject: x\r\n\r\nx\r\n.\r\n')).toMatch(/^554 5\.6\.0 .*From/);
    expect(await sendData(dialog, '\r\nFrom: a@shop.example\r\n.\r\n')).toMatch(/^554 5\.6\.0 .*From/);
  });

  it('takes the null reverse-path for mail of its own, and tells nobody of its end', async () => {
    const dialog = await world.logIn();
    await dialog.ask('MAIL FROM:<>');
    await dialog.ask('RCPT TO:<somebody@example.org>');
    await dialog.ask('DATA');
    dialog.send('From: a@shop.example\r\n\r\nx\r\n.\r\n');
    expect(await dialog.reply()).toMatch(/^250 /);
    expect(world.taken.at(-1)?.submitter).toBeNull();
  });

  it('refuses recipients that are none', async () => {
    const dialog = await world.logIn();
    await dialog.ask('MAIL FROM:<app@shop.example>');
    for (const recipient of [
      'postmaster',
      'a@[192.0.2.1]',
      'a b@example.org',
      'a@example..org',
      '@example.org',
      'あ@example.org',
    ])
      expect(await dialog.ask(`RCPT TO:<${recipient}>`)).toMatch(/^(501 5\.1\.3|553 5\.1\.3|553 5\.6\.7) /);
    expect(await dialog.ask('RCPT TO:<a..b.@docomo.ne.jp>')).toMatch(/^250 /);
    expect(await dialog.ask(`RCPT TO:<a@example.org> ORCPT=rfc822;${'x'.repeat(500)}`)).toMatch(
      /^501 5\.5\.4 /,
    );
    for (let n = 1; n < 10; n += 1) await dialog.ask(`RCPT TO:<n${n}@example.org>`);
    expect(await dialog.ask('RCPT TO:<n10@example.org>')).toMatch(/^452 4\.5\.3 /);
  });

  it('does not let a key without the scope in', async () => {
    const dialog = await world.open();
    await dialog.reply();
    await dialog.ask('EHLO client.example');
    expect(await dialog.ask(authPlain(tokens.reader))).toMatch(/^535 5\.7\.8 .*messages:send/);
    expect(await dialog.ask('MAIL FROM:<app@shop.example>')).toMatch(/^530 /);
  });
});
