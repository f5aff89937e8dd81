import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workshop } from '../support/refusal.ts';

test('a key is made, listed without its secret, and revoked once', async () => {
  const shop = await workshop();
  const made = await shop.run(['key', 'create', 'shop', '--scope', 'messages:send', '--sandbox']);
  expect(made).toMatchObject({ exitCode: 0, stderr: '' });
  const { id, token } = JSON.parse(made.stdout) as { id: string; token: string };
  expect(token.startsWith(`tdk_${id}_`)).toBe(true);
  const listed = await shop.run(['key', 'list']);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { id, name: 'shop', scopes: ['messages:send'], domains: null, sandbox: true, revokedAt: null },
  ]);
  expect(listed.stdout).not.toContain(token.slice(-20));
  expect(await shop.run(['key', 'revoke', id])).toMatchObject({ exitCode: 0 });
  expect(await shop.run(['key', 'revoke', id])).toMatchObject({ exitCode: 1 });
  // The token itself stands nowhere in the data folder.
  const folder = shop.path('.');
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /todoku\.db/.test(name));
  expect(files.length).toBeGreaterThan(0);
  for (const name of files) expect(readFileSync(join(folder, name)).includes(token.slice(-43))).toBe(false);
});

test('a key for a domain that nobody set up is a slip', async () => {
  const shop = await workshop();
  const refused = await shop.run(['key', 'create', 'shop', '--domain', 'exmple.jp']);
  expect(refused).toMatchObject({ exitCode: 2 });
  expect(refused.stderr).toContain('exmple.jp is not among the sending domains');
  expect(await shop.run(['key', 'create', 'shop', '--scope', 'everything'])).toMatchObject({ exitCode: 2 });
  expect(await shop.run(['key', 'create', 'shop', '--per-minute', '0'])).toMatchObject({ exitCode: 2 });
});
