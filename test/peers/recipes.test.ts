import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { requirePeer } from '../support/peer.ts';
import { startServed } from '../support/served.ts';
import type { Served } from '../support/served.ts';
import { root } from '../support/source-tree.ts';

const page = readFileSync(join(root, 'docs/recipes.md'), 'utf8');
const recipes = new Map(
  [...page.matchAll(/^```(\w+) recipe=(\w+)\n(.*?)^```$/gms)].map(
    ([, language = '', name = '', code = '']) => [name, { language, code }],
  ),
);
const execute = promisify(execFile);

function recipe(name: string): string {
  const found = recipes.get(name);
  if (found === undefined) throw new Error(`docs/recipes.md has no recipe ${name}`);
  return found.code;
}

/** Runs a recipe as its reader would; what it prints. */
async function follow(served: Served, command: readonly string[], token = ''): Promise<string> {
  const [program = '', ...words] = command;
  const { stdout, stderr } = await execute(program, words, {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      MAIL_URL: served.url,
      MAIL_TOKEN: token,
      MAIL_HOST: 'localhost',
      MAIL_PORT: String(served.submissionPort),
      NODE_EXTRA_CA_CERTS: served.authorityFile,
      SSL_CERT_FILE: served.authorityFile,
    },
  });
  return stdout + stderr;
}

/** The mail of a recipe as it arrived; From stands in it, Bcc does not. */
async function arrived(served: Served, name: string, count = 1): Promise<void> {
  const mine = (): Served['received'] =>
    served.received.filter(({ content }) => content.includes(`Subject: recipe ${name}`));
  await expect.poll(() => mine().length, { timeout: 10_000 }).toBe(count);
  for (const { content } of mine()) {
    expect(content).toContain('shop@news.example');
    expect(content).not.toMatch(/^bcc:/im);
  }
}

test('every recipe of the page is one that is run here', () => {
  expect([...recipes.keys()]).toEqual(['curl', 'client', 'nodemailer', 'swaks', 'python', 'php']);
});

test.skipIf(!requirePeer('curl'))('curl: asked twice with one Idempotency-Key, it is one mail', async () => {
  const served = await startServed();
  const token = await served.key('shop');
  const first = JSON.parse(await follow(served, ['sh', '-c', recipe('curl')], token)) as { id: string };
  await arrived(served, 'curl');
  const second = JSON.parse(await follow(served, ['sh', '-c', recipe('curl')], token)) as object;
  expect(second).toMatchObject({ id: first.id, repeated: true });
  expect(served.received).toHaveLength(1);
  await expect(follow(served, ['sh', '-c', recipe('curl')], `${token}x`)).rejects.toThrow('401');
});

test('todoku/client: sends, looks, and tells what was wrong', async () => {
  const served = await startServed();
  // In a checkout the client is where it is written; the test of the package runs it from there.
  const code = recipe('client').replace("'todoku/client'", `'${join(root, 'src/client/index.ts')}'`);
  const run = ['node', '--input-type=module', '--eval', code];
  const said = await follow(served, run, await served.key('shop'));
  expect(said).toMatch(/^m-\S+ (waiting|delivered)\n/);
  await arrived(served, 'client');
  await expect(follow(served, run, await served.key('reader', '--scope', 'messages:read'))).rejects.toThrow(
    /403 scope-missing/,
  );
});

test('nodemailer: STARTTLS, a pool, Bcc', async () => {
  const served = await startServed();
  const run = ['node', '--input-type=module', '--eval', recipe('nodemailer')];
  expect(await follow(served, run, await served.key('shop'))).toMatch(/^250 .*m-/);
  await arrived(served, 'nodemailer', 2);
  expect(served.received.flatMap(({ to }) => to).toSorted()).toEqual(['hanako@d.example', 'taro@d.example']);
});

test.skipIf(!requirePeer('swaks'))('swaks', async () => {
  const served = await startServed();
  expect(await follow(served, ['sh', '-c', recipe('swaks')], await served.key('shop'))).toMatch(/250 .*m-/);
  await arrived(served, 'swaks');
});

test.skipIf(!requirePeer('python3'))('Python', async () => {
  const served = await startServed();
  await follow(served, ['python3', '-c', recipe('python')], await served.key('shop'));
  await arrived(served, 'python');
  expect(served.received).toHaveLength(1);
});

test.skipIf(!requirePeer('php'))('PHP mail() by todoku sendmail, without a key', async () => {
  const served = await startServed();
  const file = join(served.folder, 'mail.php');
  writeFileSync(file, recipe('php'));
  const sendmail = `node ${join(root, 'bin/todoku.js')} --config ${served.folder}/todoku.yaml --data ${served.folder}/data sendmail -t -i`;
  await follow(served, ['php', '-d', `sendmail_path=${sendmail}`, file]);
  await arrived(served, 'php');
  expect(served.received).toHaveLength(1);
});
