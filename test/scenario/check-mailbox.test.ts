import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeAuthority } from '../support/authority.ts';
import { imapTalk, smtpTalk } from '../support/mailbox-scripts.ts';
import { startScripted } from '../support/scripted-server.ts';
import type { Script, ScriptedServer } from '../support/scripted-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTodoku } from '../support/todoku-run.ts';

const password = 'never-shown-anywhere';
const servers: ScriptedServer[] = [];
let folder: string;
let certificate: Script['certificate'];

beforeEach(() => {
  folder = temporaryFolder();
  const authority = makeAuthority();
  certificate = authority.issue({ hosts: ['localhost'] });
  writeFileSync(join(folder, 'ca.pem'), authority.certificate);
  writeFileSync(join(folder, 'secret'), `${password}\n`);
  writeFileSync(
    join(folder, 'todoku.yaml'),
    'delivery: { tlsCa: ca.pem }\nmailbox: { anchors: ["127.0.0.1:1"] }\ndns: { servers: ["127.0.0.1:1"] }\n',
  );
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serverOf(greeting: string, talk: Script['talk']): Promise<string> {
  const server = await startScripted({ tls: 'starttls', certificate, greeting, talk });
  servers.push(server);
  return `localhost:${server.port}`;
}

/** Everything in the folder but the file with the password. */
function written(at: string): string {
  return readdirSync(at)
    .filter((name) => name !== 'secret' && name !== 'node_modules')
    .map((name) =>
      statSync(join(at, name)).isDirectory() ? written(join(at, name)) : readFileSync(join(at, name), 'utf8'),
    )
    .join('\n');
}

test('tells what is wrong as JSON and as text in both languages, and keeps the password to itself', async () => {
  const imap = await serverOf('* OK ready', imapTalk({ quota: 'STORAGE 1000 1000' }));
  const smtp = await serverOf('220 mail.test', smtpTalk({ auth: '535 5.7.8 bad' }));
  const line = [
    'check',
    'mailbox',
    'taro@mail.test',
    '--imap',
    imap,
    '--smtp',
    smtp,
    '--password-file',
    'secret',
  ];
  const json = await startTodoku(folder, [...line, '--json']).end;
  expect(json.code).toBe(1);
  const answer: unknown = JSON.parse(json.stdout);
  expect(answer).toMatchObject({
    subject: 'taro@mail.test',
    findings: [
      { id: 'mailbox.quota-full', party: 'recipient', severity: 'problem' },
      { id: 'mailbox.wrong-password', evidence: '535 5.7.8 bad' },
    ],
    summary: { problem: 2 },
  });
  const ja = await startTodoku(folder, [...line, '--lang', 'ja']).end;
  expect(ja.stdout).toContain('メールボックスがいっぱいです');
  expect(ja.stderr).toContain(`${imap} に接続しています`);
  const en = await startTodoku(folder, [...line, '--lang', 'en']).end;
  expect(en.stdout).toContain('The mailbox is full');
  const all = [json, ja, en].map(({ stdout, stderr }) => stdout + stderr).join('\n') + written(folder);
  expect(all).not.toContain(password);
  expect(all).not.toContain(Buffer.from(`\0taro@mail.test\0${password}`).toString('base64'));
});

test('a slip on the command line is one line, before anything is connected', async () => {
  const said = async (...argv: readonly string[]): Promise<string> => {
    const { code, stderr } = await startTodoku(folder, ['check', 'mailbox', ...argv, '--lang', 'en']).end;
    expect(code).toBe(2);
    return stderr;
  };
  expect(await said()).toContain('name an address or a server');
  expect(await said('taro@@x')).toContain('is not an e-mail address');
  expect(await said('--imap', 'host:99999')).toContain('names no server');
  expect(await said('--imap', 'localhost:1', '--password-file', 'none')).toContain('cannot be read');
});

test('where packets come and go, the network is not what is named', async () => {
  const { code, stdout } = await startTodoku(folder, ['check', 'mailbox', '--imap', 'localhost:1', '--json'])
    .end;
  expect(code).toBe(1);
  expect(stdout).toContain('mailbox.port-refused');
});
