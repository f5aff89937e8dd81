import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postfixMissing, startPostfix } from '../../bench/postfix-instance.ts';
import type { NewMail } from '../../src/outbox/index.ts';
import { requirePeer } from '../support/peer.ts';
import { driveSmtpDialog } from '../support/smtp-dialog.ts';
import { openSubmissionWorld, tokens } from '../support/submission-world.ts';
import type { SubmissionWorld } from '../support/submission-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);

let world: SubmissionWorld;
let arrived: PromiseWithResolvers<NewMail>;
beforeEach(async () => {
  arrived = Promise.withResolvers();
  world = await openSubmissionWorld({
    limits: { recipients: 100 },
    accept: async (mail) => {
      arrived.resolve(mail);
      return { kind: 'accepted', id: mail.id, messages: [], repeated: false };
    },
  });
});
afterEach(async () => {
  await world.listener.stop(0);
  if (world.troubles.length > 0) throw new AggregateError(world.troubles, 'the listener had trouble');
});

function textOf(mail: NewMail): string {
  return mail.bodies[0]?.bytes.toString() ?? '';
}

it.each([
  ['STARTTLS', false],
  ['implicit TLS', true],
])('nodemailer hands over by %s', async (_name, secure) => {
  const transport = createTransport({
    host: '127.0.0.1',
    port: secure ? world.ports.implicit : world.ports.starttls,
    secure,
    requireTLS: true,
    auth: { user: 'shop', pass: tokens.shop },
    tls: { ca: world.cert.cert, servername: 'mail.example' },
  });
  const sent = await transport.sendMail({
    from: 'お店 <app@shop.example>',
    to: 'taro@example.org',
    bcc: 'secret@example.org',
    dsn: { id: 'order-1', return: 'headers', notify: ['failure', 'delay'], recipient: 'app@shop.example' },
    subject: 'ご注文の確認',
    text: '.\n本文\n',
    html: `<p>${'長い行'.repeat(2_000)}</p>`,
  });
  transport.close();
  expect(sent.response).toMatch(/^250 2\.0\.0 Accepted as m-/);
  const mail = await arrived.promise;
  expect(mail).toMatchObject({
    subject: 'ご注文の確認',
    submitter: { envelopeId: 'order-1', returns: 'headers' },
    recipients: [{ address: 'taro@example.org' }, { address: 'secret@example.org' }],
  });
  expect(textOf(mail)).not.toContain('secret@example.org');
});

it('tells nodemailer of a wrong password and of a foreign From', async () => {
  const options = {
    host: '127.0.0.1',
    port: world.ports.starttls,
    tls: { ca: world.cert.cert, servername: 'mail.example' },
  };
  const wrong = createTransport({ ...options, auth: { user: 'shop', pass: 'guess' } });
  await expect(wrong.verify()).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
  const foreign = createTransport({ ...options, auth: { user: 'shop', pass: tokens.shop } });
  const mail = {
    from: 'ceo@bank.example',
    to: 'a@example.org',
    text: 'x',
    envelope: { from: 'app@shop.example', to: 'a@example.org' },
  };
  await expect(foreign.sendMail(mail)).rejects.toMatchObject({ responseCode: 550 });
  wrong.close();
  foreign.close();
});

it('Python’s smtplib hands over', async () => {
  const script = `
import smtplib, ssl, sys
context = ssl.create_default_context(cadata=sys.argv[2]); context.check_hostname = False
with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as server:
    server.starttls(context=context)
    server.login('shop', sys.argv[3])
    server.sendmail('app@shop.example', ['a@example.org', 'b@example.org'],
        'From: app@shop.example\\r\\nSubject: from python\\r\\n\\r\\n.hidden\\r\\nlast line without end')
`;
  await run('python3', ['-c', script, String(world.ports.starttls), world.cert.cert, tokens.shop]);
  const mail = await arrived.promise;
  expect(mail.subject).toBe('from python');
  expect(textOf(mail)).toMatch(/\r\n\r\n\.hidden\r\nlast line without end\r\n$/);
});

describe.skipIf(!requirePeer('swaks'))('swaks', () => {
  it('hands over by STARTTLS and AUTH LOGIN', async () => {
    const words = `--server 127.0.0.1 --port ${world.ports.starttls} --tls --auth LOGIN --auth-user shop
      --auth-password ${tokens.shop} --from app@shop.example --to a@example.org`;
    const { stdout } = await run('swaks', [...words.split(/\s+/), '--header', 'Subject: from swaks']);
    expect(stdout).toContain('250 2.0.0 Accepted as');
    expect((await arrived.promise).subject).toBe('from swaks');
  });
});

const missing = requirePeer('postfix') ? postfixMissing(false) : 'Postfix is missing';
if (missing !== null) console.warn(`SKIPPED, ${missing}`);

describe.skipIf(missing !== null)('Postfix', () => {
  it('hands over as the client of a relay host', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const own = join(folder, 'postfix');
    mkdirSync(own);
    const postfix = await startPostfix({ folder: own, relayPort: world.ports.starttls, keyFile: null });
    try {
      const config = join(own, 'etc');
      const authority = join(own, 'ca.pem');
      const passwords = join(own, 'passwords');
      writeFileSync(authority, world.cert.cert);
      writeFileSync(passwords, `[127.0.0.1]:${world.ports.starttls} shop:${tokens.shop}\n`);
      for (const setting of [
        'smtp_tls_security_level = encrypt',
        `smtp_tls_CAfile = ${authority}`,
        'smtp_sasl_auth_enable = yes',
        'smtp_sasl_security_options = noanonymous',
        `smtp_sasl_password_maps = texthash:${passwords}`,
      ])
        execFileSync('postconf', ['-c', config, '-e', setting]);
      execFileSync('postfix', ['-c', config, 'reload'], { stdio: 'ignore' });
      const dialog = driveSmtpDialog(connect(postfix.port, '127.0.0.1'));
      await dialog.reply();
      await dialog.ask('EHLO app.example');
      await dialog.ask('MAIL FROM:<app@shop.example> RET=HDRS ENVID=E1');
      await dialog.ask('RCPT TO:<a@example.org> NOTIFY=FAILURE');
      await dialog.ask('DATA');
      dialog.send('From: app@shop.example\r\nSubject: by Postfix\r\n\r\n本文\r\n..\r\n.\r\n');
      expect(await dialog.reply()).toMatch(/^250 /);
      const mail = await arrived.promise;
      expect(mail).toMatchObject({
        subject: 'by Postfix',
        submitter: { address: 'app@shop.example', envelopeId: 'E1', returns: 'headers' },
        recipients: [{ address: 'a@example.org', notice: { notify: ['failure'] } }],
        bodies: [{ eightBit: true }],
      });
      expect(textOf(mail)).toMatch(/\r\n本文\r\n\.\r\n$/);
    } finally {
      postfix.stop();
    }
  });
});
