import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a zone is to be served. */
export type SignedZone = {
  readonly name: string;
  /** Records as in a zone file, names relative to it. */
  readonly records: readonly string[];
  /** `bogus`: changed after it was signed. */
  readonly kind: 'signed' | 'unsigned' | 'bogus';
};

/** An unbound on loopback that validates. */
export type Unbound = {
  /** For `createResolver`. */
  readonly server: string;
  stop(): Promise<void>;
};

/** Starts unbound with zones of its own, signed with fresh keys that it trusts; rejects with what it said when it does not start. */
export async function startUnbound(zones: readonly SignedZone[]): Promise<Unbound> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-unbound-'));
  const port = await freePort();
  const parts = zones.map((zone) => makeZone(folder, zone));
  const file = join(folder, 'unbound.conf');
  writeFileSync(file, configuration(folder, port, parts));
  const child = spawn('/usr/sbin/unbound', ['-d', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const started = Promise.withResolvers<void>();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('start of service')) started.resolve();
  });
  child.once('close', () => started.reject(new Error(`unbound ended: ${said}`)));
  await started.promise;
  return {
    server: `127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'close');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Part = { readonly name: string; readonly file: string; readonly anchor: string | null };

function makeZone(folder: string, { name, records, kind }: SignedZone): Part {
  const own = join(folder, name);
  mkdirSync(own);
  const file = join(own, 'zone');
  const head = [
    `$ORIGIN ${name}.`,
    '$TTL 60',
    '@ SOA ns root 1 3600 600 86400 60',
    '@ NS ns',
    'ns A 127.0.0.1',
  ];
  writeFileSync(file, `${[...head, ...records].join('\n')}\n`);
  if (kind === 'unsigned') return { name, file, anchor: null };
  const key = execFileSync('ldns-keygen', ['-a', 'ECDSAP256SHA256', '-k', `${name}.`], {
    cwd: own,
    encoding: 'utf8',
  });
  execFileSync('ldns-signzone', ['-n', file, key.trim()], { cwd: own });
  const signed = `${file}.signed`;
  // Another address under the old signature: what somebody on the way would like to have believed.
  if (kind === 'bogus')
    writeFileSync(signed, readFileSync(signed, 'utf8').replace(/(\tA\t)127\.0\.0\.1/g, '$1127.0.0.2'));
  const anchor = readdirSync(own).find((each) => each.endsWith('.key'));
  if (anchor === undefined) throw new Error('ldns-keygen made no key');
  return { name, file: signed, anchor: join(own, anchor) };
}

function configuration(folder: string, port: number, zones: readonly Part[]): string {
  const anchors = zones.flatMap(({ anchor }) =>
    anchor === null ? [] : [`  trust-anchor-file: "${anchor}"`],
  );
  const served = zones.map(
    ({ name, file }) =>
      `auth-zone:\n  name: "${name}."\n  zonefile: "${file}"\n  for-downstream: no\n  for-upstream: yes\n  fallback-enabled: no`,
  );
  return `server:
  interface: 127.0.0.1@${port}
  port: ${port}
  do-daemonize: no
  use-syslog: no
  log-time-ascii: no
  verbosity: 1
  chroot: ""
  username: ""
  directory: "${folder}"
  pidfile: ""
  num-threads: 1
  module-config: "validator iterator"
  do-not-query-localhost: no
${anchors.join('\n')}
remote-control:
  control-enable: no
${served.join('\n')}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return bound.port;
}
