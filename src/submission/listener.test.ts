import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { authPlain, openSubmissionWorld, sendData, tokens } from '../../test/support/submission-world.ts';
import type { SubmissionWorld, SubmissionWorldOptions } from '../../test/support/submission-world.ts';
import type { Accepted, AcceptFailure, NewMail } from '../outbox/index.ts';
import { driveSmtpDialog } from '../../test/support/smtp-dialog.ts';

let world: SubmissionWorld | null = null;
afterEach(async () => {
  await world?.listener.stop(0);
  world = null;
});
const open = async (options?: SubmissionWorldOptions): Promise<SubmissionWorld> =>
  (world = await openSubmissionWorld(options));

const mail = 'From: Shop <app@shop.example>\r\nTo: somebody@example.org\r\nSubject: hello\r\n\r\nHi\r\n.\r\n';

it('takes a mail after STARTTLS and AUTH, and hands it over whole', async () => {
  const { ports, open: connect, taken, troubles } = await open();
  const clear = await connect('starttls');
  expect(await clear.reply()).toBe('220 mail.example ESMTP Todoku');
  const before = await clear.ask('EHLO client.example');
  expect(before).toContain('STARTTLS');
  expect(before).not.toContain('AUTH');
  expect(before).not.toContain('REQUIRETLS');
  expect(await clear.ask(authPlain(tokens.shop))).toMatch(/^538 /);
  expect(await clear.ask('MAIL FROM:<app@shop.example>')).toMatch(/^530 /);
  expect(await clear.ask('STARTTLS')).toMatch(/^220 /);
  const socket = connectTls({ socket: clear.socket, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const dialog = driveSmtpDialog(socket);
  const after = await dialog.ask('EHLO client.example');
  for (const word of [
    'PIPELINING',
    '8BITMIME',
    'SMTPUTF8',
    'ENHANCEDSTATUSCODES',
    'DSN',
    'AUTH PLAIN LOGIN',
    'REQUIRETLS',
    'SIZE 1000000',
  ])
    expect(after).toContain(word);
  expect(after).not.toContain('STARTTLS');
  expect(await dialog.ask(authPlain(tokens.shop))).toBe('235 2.7.0 Authentication successful');
  expect(await sendData(dialog, mail)).toBe('250 2.0.0 Accepted as m-0000000000-00001');
  expect(await dialog.ask('QUIT')).toBe('221 2.0.0 Bye');
  expect(ports.starttls).not.toBe(ports.implicit);
  const [given] = taken;
  expect(given).toMatchObject({
    id: 'm-0000000000-00001',
    via: 'smtp',
    owner: 'k-0000000000-shop1',
    domain: 'shop.example',
    author: 'app@shop.example',
    subject: 'hello',
    stream: 'transactional',
    submitter: { address: 'app@shop.example', envelopeId: null, returns: 'headers' },
    recipients: [{ address: 'somebody@example.org', domain: 'example.org', body: 0, notice: null }],
  });
  const text = given?.bodies[0]?.bytes.toString() ?? '';
  const [received = '', ...rest] = text.split(/\r\n(?! )/);
  expect(received.replaceAll(/\s+/g, ' ')).toMatch(
    /^Received: from client\.example \(\[127\.0\.0\.1\]\) by mail\.example with ESMTPSA id m-0000000000-00001; .+ \+0000$/,
  );
  expect(rest).toEqual([
    'From: Shop <app@shop.example>',
    'To: somebody@example.org',
    'Subject: hello',
    expect.stringMatching(/^Date: .+ \+0000$/),
    'Message-ID: <m-0000000000-00001@shop.example>',
    '',
    'Hi',
    '',
  ]);
  expect(troubles).toEqual([]);
});

it('takes AUTH LOGIN, with and without an initial user name', async () => {
  const { open: connect } = await open();
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  for (const first of ['AUTH LOGIN', `AUTH LOGIN ${base64('k-0000000000-shop1')}`]) {
    const dialog = await connect();
    await dialog.reply();
    await dialog.ask('EHLO client.example');
    let answer = await dialog.ask(first);
    if (first === 'AUTH LOGIN') answer = await dialog.ask(base64('whoever'));
    expect(answer).toBe('334 UGFzc3dvcmQ6');
    expect(await dialog.ask(base64(tokens.shop))).toMatch(/^235 2\.7\.0 /);
  }
});

it('lets passwords go over loopback in the clear only where that is configured', async () => {
  const { open: connect } = await open({ clearLoopback: true });
  const dialog = await connect('starttls');
  await dialog.reply();
  expect(await dialog.ask('EHLO client.example')).toContain('AUTH PLAIN LOGIN');
  expect(await dialog.ask(authPlain(tokens.shop))).toMatch(/^235 /);
  expect(await sendData(dialog, mail)).toMatch(/^250 /);
});

it('keeps what DSN, REQUIRETLS and SMTPUTF8 ask for', async () => {
  const { logIn, taken } = await open();
  const dialog = await logIn();
  expect(
    await dialog.ask(
      'MAIL FROM:<app@shop.example> RET=FULL ENVID=QQ+2B314 BODY=8BITMIME SMTPUTF8 REQUIRETLS SIZE=100',
    ),
  ).toMatch(/^250 2\.1\.0 /);
  expect(await dialog.ask('RCPT TO:<あ@例え.jp> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;a')).toMatch(
    /^250 2\.1\.5 /,
  );
  expect(await dialog.ask('RCPT TO:<b@example.org> NOTIFY=NEVER')).toMatch(/^250 /);
  expect(await dialog.ask('RCPT TO:<c@example.org> ORCPT=rfc822;c+2Bd@example.org')).toMatch(/^250 /);
  await dialog.ask('DATA');
  dialog.send('From: 店 <app@shop.example>\r\nSubject: ご注文\r\n\r\n本文\r\n.\r\n');
  expect(await dialog.reply()).toMatch(/^250 /);
  expect(taken[0]).toMatchObject({
    subject: 'ご注文',
    requireTls: true,
    submitter: { address: 'app@shop.example', envelopeId: 'QQ+314', returns: 'full' },
    bodies: [{ eightBit: true, smtpUtf8: true }],
    recipients: [
      {
        address: 'あ@xn--r8jz45g.jp',
        domain: 'xn--r8jz45g.jp',
        notice: { notify: ['success', 'delay'], originalRecipient: 'utf-8;a' },
      },
      { address: 'b@example.org', notice: { notify: 'never', originalRecipient: null } },
      { notice: { notify: ['failure', 'delay'], originalRecipient: 'rfc822;c+d@example.org' } },
    ],
  });
  expect(taken[0]?.bodies[0]?.bytes.toString()).toContain('with UTF8SMTPSA');
});

it('says what the outbox cannot do in codes that clients keep the mail for', async () => {
  for (const [kind, reply] of [
    ['disk-full', '452 4.3.1 '],
    ['stopping', '421 4.3.2 '],
  ] as const) {
    const { logIn, listener, troubles } = await open({ accept: async () => ({ kind }) });
    const dialog = await logIn();
    expect((await sendData(dialog, mail)).startsWith(reply)).toBe(true);
    expect(troubles).toEqual([]);
    await listener.stop(0);
  }
  const fault = await open({ accept: async () => Promise.reject(new Error('broken')) });
  const dialog = await fault.logIn();
  expect(await sendData(dialog, mail)).toMatch(/^451 4\.3\.0 /);
  expect(fault.troubles).toHaveLength(1);
});

/** An outbox that answers when it is told to. */
function heldOutbox(answer: 'disk-full' | 'accepted') {
  let finish = (): void => {};
  let asked = (): void => {};
  const wasAsked = new Promise<void>((resolve) => (asked = resolve));
  return {
    wasAsked,
    finish: () => finish(),
    accept: async (given: NewMail): Promise<Accepted | AcceptFailure> => {
      asked();
      await new Promise<void>((resolve) => (finish = resolve));
      return answer === 'disk-full'
        ? { kind: 'disk-full' }
        : { kind: 'accepted', id: given.id, messages: [], repeated: false };
    },
  };
}

it('says yes only when the outbox has', async () => {
  const outbox = heldOutbox('disk-full');
  const { logIn } = await open({ accept: outbox.accept });
  const dialog = await logIn();
  let isAnswered = false;
  const answer = sendData(dialog, mail).finally(() => (isAnswered = true));
  await outbox.wasAsked;
  // A round trip on another connection of the same process: an early answer would have come by then.
  await (await logIn()).ask('NOOP');
  expect(isAnswered).toBe(false);
  outbox.finish();
  expect(await answer).toMatch(/^452 /);
});

it('refuses a key that was revoked, from its next mail on', async () => {
  const { logIn, revoked } = await open();
  const dialog = await logIn();
  expect(await sendData(dialog, mail)).toMatch(/^250 /);
  revoked.add(tokens.shop);
  expect(await dialog.ask('MAIL FROM:<app@shop.example>')).toMatch(/^421 4\.7\.0 /);
  expect(await dialog.closed).toBe('<closed>');
});

it('says goodbye to idle sessions when it stops, and lets a mail under way end', async () => {
  const outbox = heldOutbox('accepted');
  const { logIn, listener } = await open({ accept: outbox.accept });
  const idle = await logIn();
  const busy = await logIn();
  const answer = sendData(busy, mail);
  await outbox.wasAsked;
  const stopped = listener.stop(60_000);
  expect(await idle.reply()).toMatch(/^421 4\.3\.2 /);
  outbox.finish();
  expect(await answer).toMatch(/^250 /);
  await stopped;
});
