import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type PostfixOptions = {
  readonly folder: string;
  /** Where all mail goes. */
  readonly relayPort: number;
  /** Sign with this key through OpenDKIM; null: do not sign. */
  readonly keyFile: string | null;
  /** Lines of main.cf besides; they hold from the first connection on. */
  readonly settings?: readonly string[];
};

export type PostfixInstance = {
  readonly port: number;
  /** Process ids whose trees make up the instance. */
  readonly pids: readonly number[];
  stop(): void;
};

const programs = '/usr/lib/postfix/sbin';

/** Why Postfix cannot be measured here; null: it can. */
export function postfixMissing(signed: boolean): string | null {
  if (!existsSync(join(programs, 'master'))) return 'Postfix is missing: apt-get install postfix';
  if (process.getuid?.() !== 0) return 'Postfix needs root to start its own instance';
  return signed && !existsSync('/usr/sbin/opendkim') ? 'OpenDKIM is missing: apt-get install opendkim' : null;
}

/** A Postfix of its own, in its own folders and on loopback only, that relays everything to one port. */
export async function startPostfix(options: PostfixOptions): Promise<PostfixInstance> {
  const port = await freePort();
  const milterPort = options.keyFile === null ? null : await freePort();
  const config = join(options.folder, 'etc');
  const queue = join(options.folder, 'queue');
  const state = join(options.folder, 'state');
  for (const each of [config, queue, state]) mkdirSync(each, { recursive: true });
  chmodSync(options.folder, 0o755);
  const owner = Number(execFileSync('id', ['-u', 'postfix'], { encoding: 'utf8' }));
  chownSync(state, owner, owner);
  writeFileSync(join(config, 'main.cf'), mainCf({ ...options, queue, state, milterPort }));
  writeFileSync(join(config, 'master.cf'), masterCf(port));
  const children: ChildProcess[] = [];
  if (options.keyFile !== null && milterPort !== null)
    children.push(startOpendkim(options.folder, options.keyFile, milterPort));
  execFileSync('postfix', ['-c', config, 'start'], { stdio: 'ignore' });
  if (milterPort !== null) await listening(milterPort);
  await listening(port);
  const master = Number(readFileSync(join(queue, 'pid', 'master.pid'), 'utf8'));
  return {
    port,
    pids: [master, ...children.flatMap((child) => child.pid ?? [])],
    stop() {
      execFileSync('postfix', ['-c', config, 'stop'], { stdio: 'ignore' });
      for (const child of children) child.kill('SIGTERM');
    },
  };
}

function mainCf(facts: {
  queue: string;
  state: string;
  relayPort: number;
  milterPort: number | null;
  settings?: readonly string[];
}): string {
  const milter =
    facts.milterPort === null
      ? []
      : [`smtpd_milters = inet:127.0.0.1:${facts.milterPort}`, 'milter_default_action = tempfail'];
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${facts.queue}`,
    `data_directory = ${facts.state}`,
    'mail_owner = postfix',
    'setgid_group = postdrop',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'myhostname = bench.example',
    'mydestination =',
    'mynetworks = 127.0.0.0/8',
    'alias_maps =',
    'alias_database =',
    `relayhost = [127.0.0.1]:${facts.relayPort}`,
    // The peer at its best: as many connections as Todoku has, no look-ups, no limits on the client.
    'default_destination_concurrency_limit = 20',
    'initial_destination_concurrency = 20',
    'smtpd_client_connection_count_limit = 0',
    'smtp_tls_security_level = none',
    'smtpd_peername_lookup = no',
    'disable_dns_lookups = yes',
    'maillog_file = /dev/null',
    'maillog_file_prefixes = /dev',
    ...milter,
    ...(facts.settings ?? []),
    '',
  ].join('\n');
}

function masterCf(port: number): string {
  return [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n');
}

function startOpendkim(folder: string, keyFile: string, port: number): ChildProcess {
  const file = join(folder, 'opendkim.conf');
  const lines = [
    'Mode s',
    'Domain example.com',
    'Selector s1',
    `KeyFile ${keyFile}`,
    `Socket inet:${port}@127.0.0.1`,
  ];
  const more = [
    'Canonicalization relaxed/relaxed',
    'InternalHosts 127.0.0.1',
    'Syslog no',
    'RequireSafeKeys no',
    'Background no',
  ];
  writeFileSync(file, `${[...lines, ...more].join('\n')}\n`);
  return spawn('/usr/sbin/opendkim', ['-x', file, '-f'], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server that listens has an AddressInfo
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A daemon that has not opened its port by then will not.
const startLimitMs = 20_000;

async function listening(port: number): Promise<void> {
  const deadlineMs = performance.now() + startLimitMs;
  while (!(await accepts(port))) {
    if (performance.now() > deadlineMs) throw new Error(`nothing listens on 127.0.0.1:${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function accepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
