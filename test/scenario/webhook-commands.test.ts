import { writeFileSync } from 'node:fs';
import { Webhook as Verifier } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { workshop } from '../support/refusal.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

type Json = Readonly<Record<string, unknown>>;

test('a webhook is made, tried, listed without its secret, rotated and removed', async () => {
  const receiver = await startWebhookReceiver((_, at) => ({
    status: at === 1 ? 500 : 204,
    text: at === 1 ? 'oh' : '',
  }));
  const shop = await workshop();
  writeFileSync(shop.path('todoku.yaml'), 'webhooks:\n  allowPrivate: ["127.0.0.1"]\n');
  const made = await shop.run(['webhook', 'add', receiver.url, '--type', 'message.bounced']);
  expect(made).toMatchObject({ exitCode: 0, stderr: '' });
  const { id, secret } = JSON.parse(made.stdout) as { id: string; secret: string };
  expect(await shop.run(['webhook', 'test', id])).toMatchObject({ exitCode: 0 });
  const [post] = receiver.posts;
  expect(post?.type).toBe('webhook.test');
  expect(() =>
    new Verifier(secret).verify(post?.body ?? '', post?.headers as Record<string, string>),
  ).not.toThrow();
  const failed = await shop.run(['webhook', 'test', id]);
  expect(failed).toMatchObject({ exitCode: 1 });
  expect(JSON.parse(failed.stdout)).toEqual({ id, ok: false, status: 500, said: 'HTTP 500: oh' });
  const listed = await shop.run(['webhook', 'list']);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    {
      id,
      url: receiver.url,
      types: ['message.bounced'],
      domains: null,
      state: 'active',
      waiting: 0,
      dead: 0,
    },
  ]);
  expect(listed.stdout).not.toContain('whsec_');
  const rotated = JSON.parse((await shop.run(['webhook', 'rotate', id])).stdout) as Json;
  expect(rotated['secret']).not.toBe(secret);
  await shop.run(['webhook', 'test', id]);
  const signatures = String(receiver.posts[2]?.headers['webhook-signature']).split(' ');
  expect(signatures).toHaveLength(2);
  await shop.run(['webhook', 'rotate', id, '--at-once']);
  await shop.run(['webhook', 'test', id]);
  expect(String(receiver.posts[3]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
  expect(JSON.parse((await shop.run(['webhook', 'replay', id])).stdout)).toEqual({ id, revived: 0 });
  expect(JSON.parse((await shop.run(['webhook', 'resume', id])).stdout)).toEqual({ id, resumed: false });
  expect(await shop.run(['webhook', 'remove', id])).toMatchObject({ exitCode: 0 });
  for (const command of ['remove', 'test', 'rotate', 'replay', 'resume'])
    expect([command, await shop.run(['webhook', command, id])]).toMatchObject([command, { exitCode: 1 }]);
});

test.each([
  ['http://127.0.0.1:1/', 'webhooks.allowPrivate'],
  ['https://[::1]/', 'webhooks.allowPrivate'],
  ['http://93.184.216.34/', 'http:// is for addresses'],
  ['https://user:secret@app.example/', 'user name or password'],
  ['ftp://app.example/', 'https://'],
  ['nonsense', 'https://'],
])('a URL that cannot be used is refused when it is made: %s', async (url, why) => {
  const shop = await workshop();
  const refused = await shop.run(['webhook', 'add', url]);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toContain(why);
});

test('a type that does not exist is a slip', async () => {
  const shop = await workshop();
  const refused = await shop.run(['webhook', 'add', 'https://app.example/', '--type', 'message.opened']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('message.bounced');
});
