import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import type { TodokuClient } from '../../src/client/index.ts';
import { senderDomain } from '../support/campaign-folder.ts';
import { startServed } from '../support/served.ts';
import type { Served } from '../support/served.ts';
import { openSmtpDialog } from '../support/smtp-dialog.ts';

const mail = {
  from: `shop@${senderDomain}`,
  to: 'taro@d.example',
  subject: 'hello',
  text: 'hello',
} as const;

function clientOf({ url }: Served, token: string): TodokuClient {
  return createClient({ baseUrl: url, token });
}

/** What is asked for as it is written: `fetch` would tidy a path up. */
async function statusOf({ url }: Served, path: string, token = ''): Promise<number> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}

test('no token, password or key reaches the log, what is printed, or the disk', async () => {
  const served = await startServed({ log: { level: 'debug' } });
  const scopes = ['messages:send', 'messages:read', 'webhooks'].flatMap((scope) => ['--scope', scope]);
  const token = await served.key('shop', ...scopes);
  const client = clientOf(served, token);
  const { id } = await client.messages.create(mail);
  // Nobody is there: what goes wrong with it is logged.
  const webhook = await client.webhooks.create({ url: 'https://hook.example/x' });
  const [webhookSecret = 'missing'] = /whsec_[\w+/=]+/.exec(JSON.stringify(webhook)) ?? [];
  expect(webhookSecret).toMatch(/^whsec_.{20}/);

  const wrong = `${token.slice(0, -6)}xxxxxx`;
  await expect(clientOf(served, wrong).messages.get(id)).rejects.toMatchObject({ status: 401 });
  expect(await statusOf(served, `/v1/messages?token=${token}`, token)).toBe(400);
  expect(await statusOf(served, `/v1/${token}`)).toBe(404);
  const broken = await fetch(`${served.url}/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: `{"from": "${token}`,
  });
  expect(broken.status).toBe(400);
  const dialog = await openSmtpDialog(served.submissionPort);
  await dialog.reply();
  await dialog.ask('EHLO app.example');
  for (const secret of [token, wrong]) {
    const plain = Buffer.from(`\0shop\0${secret}`).toString('base64');
    expect(await dialog.ask(`AUTH PLAIN ${plain}`)).toMatch(/^5\d\d /);
  }
  dialog.destroy();
  served.run.kill('SIGTERM');
  const end = await served.run.end;
  expect(end.code).toBe(0);

  const secrets = [token, wrong, Buffer.from(`\0shop\0${token}`).toString('base64')];
  const key = readFileSync(join(served.folder, 'key.pem'), 'utf8').split('\n')[1] ?? '';
  for (const secret of [...secrets, key, webhookSecret]) {
    expect(end.stderr).not.toContain(secret);
    expect(end.stdout).not.toContain(secret);
  }
  const data = join(served.folder, 'data');
  for (const file of filesIn(data))
    for (const secret of secrets) expect(readFileSync(join(data, file)).includes(secret)).toBe(false);
});

test('names of attachments and ids of downloads lead nowhere but where they belong', async () => {
  const served = await startServed({ attachments: { largestMessage: '100KB', tooLarge: 'link' } });
  const token = await served.key('shop', '--scope', 'messages:send', '--scope', 'messages:read');
  const before = filesIn(served.folder).filter((name) => !name.startsWith('data/'));
  const client = clientOf(served, token);
  const content = Buffer.alloc(150_000, 'x').toString('base64');
  const names = [
    '../../../../etc/cron.d/x',
    '/etc/passwd',
    '..\\..\\x.exe',
    '.bashrc',
    'a/../../b',
    'CON',
    '%2e%2e%2fx',
  ];
  for (const filename of names) {
    // A large one becomes a file of ours behind a link, a small one a part of the mail.
    for (const each of [content, 'eA==']) {
      const { id } = await client.messages.create({ ...mail, attachments: [{ filename, content: each }] });
      expect(id).toMatch(/^m-/);
    }
  }
  await expect.poll(() => served.received.length, { timeout: 20_000 }).toBe(2 * names.length);
  for (const { content: arrived } of served.received)
    for (const [, name = ''] of arrived.matchAll(/filename\*?\d?\*?="?([^";\r\n]+)/g))
      expect(name).not.toMatch(/[/\\]|^\./);
  expect(filesIn(served.folder).filter((name) => !name.startsWith('data/'))).toEqual(before);
  const stored = filesIn(join(served.folder, 'data')).filter((name) => name.startsWith('attachments/'));
  for (const name of stored) expect(name).toMatch(/^attachments\/[0-9a-z/-]+$/);
  const paths = [
    '/d/../../../../../../etc/passwd',
    '/d/..%2f..%2f..%2fsecret.key',
    '/d/%2e%2e/%2e%2e/todoku.db',
    '/d/%00',
    `/d/${'a'.repeat(4_000)}`,
    '/v1/inbox/..%2f..%2f..%2fsecret.key',
    '/v1/inbox/%2e%2e/source',
    '/v1/templates/..%2f..%2fsecret.key',
    '/v1/messages/..%2f..%2fsecret.key',
    '/docs/../../secret.key',
    '//etc/passwd',
  ];
  for (const path of paths) {
    const status = await statusOf(served, path, token);
    expect([path, status >= 400 && status < 500]).toEqual([path, true]);
  }
}, 120_000);

test('a key sees and touches nothing of domains that are not its own', async () => {
  const other = 'other.example';
  const served = await startServed({ domains: [{ name: senderDomain }, { name: other }] });
  const ours = clientOf(served, await served.key('ours', '--domain', senderDomain));
  const theirs = clientOf(served, await served.key('theirs', '--domain', other));
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = await ours.messages.create({ ...mail, scheduledAt: later });
  await expect(theirs.messages.create(mail)).rejects.toMatchObject({
    status: 403,
    code: 'domain-not-allowed',
  });
  const tries = [
    async () => await theirs.messages.get(id),
    async () => await theirs.messages.get(`${id}.1`),
    async () => await theirs.messages.why(id),
    async () => await theirs.messages.cancel(id),
    async () => await theirs.inbox.get(`${id}.1`),
  ];
  for (const each of tries) await expect(each()).rejects.toMatchObject({ status: 404 });
  expect((await theirs.messages.list()).data).toEqual([]);
  // What its keys may not do by scope, a domain does not give.
  const reader = clientOf(
    served,
    await served.key('reader', '--domain', senderDomain, '--scope', 'messages:read'),
  );
  await expect(reader.messages.create(mail)).rejects.toMatchObject({ status: 403, code: 'scope-missing' });
  await expect(reader.messages.cancel(id)).rejects.toMatchObject({ status: 403 });
  await expect(reader.suppressions.list()).rejects.toMatchObject({ status: 403 });
  await expect(reader.events.list()).rejects.toMatchObject({ status: 403 });
  expect((await ours.messages.get(id)).messages).toMatchObject([{ state: 'waiting' }]);
});

test('a key that asks too often waits, and nobody else does', async () => {
  const served = await startServed();
  const busy = clientOf(served, await served.key('busy', '--per-minute', '3'));
  const other = clientOf(served, await served.key('other'));
  for (let asked = 0; asked < 3; asked += 1) await busy.messages.list();
  const refused: unknown = await busy.messages.list().catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 429, code: 'rate-limited' });
  expect((refused as { retryAfterSeconds: number }).retryAfterSeconds).toBeGreaterThan(0);
  expect((await other.messages.list()).data).toEqual([]);
});
