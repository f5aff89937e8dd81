import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificate.ts';
import { makeCertificate } from './certificate.ts';

/** A Dovecot of one user, on loopback. */
export type Dovecot = {
  /** In the clear and with STARTTLS. */
  readonly port: number;
  readonly tlsPort: number;
  readonly certificate: Certificate;
  readonly user: string;
  readonly password: string;
  readonly folder: string;
  /** Cuts all connections. */
  kick(): void;
  /** Puts a mail into INBOX, as a delivery agent does. */
  deliver(name: string, mail: string): void;
  /** Mails of a folder by their flags. */
  files(folder: 'INBOX' | 'Todoku'): readonly string[];
  stop(): Promise<void>;
};

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

/** Starts Dovecot as the user who runs the tests; rejects with what it said when it does not listen. */
export async function startDovecot(): Promise<Dovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-dovecot-'));
  chmodSync(folder, 0o755);
  const certificate = await makeCertificate('localhost');
  writeFileSync(join(folder, 'cert.pem'), certificate.cert);
  writeFileSync(join(folder, 'key.pem'), certificate.key);
  const inbox = join(folder, 'mail');
  for (const part of ['new', 'cur', 'tmp']) mkdirSync(join(inbox, part), { recursive: true });
  const [port, tlsPort] = [await freePort(), await freePort()];
  const file = join(folder, 'dovecot.conf');
  const password = 'correct-horse';
  writeFileSync(file, configuration({ folder, inbox, port, tlsPort, password }));
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close').then(() => {
    throw new Error(`dovecot ended: ${said}`);
  });
  ended.catch(() => undefined); // looked at while it starts only
  await Promise.race([ended, listens(port)]);
  return {
    port,
    tlsPort,
    certificate,
    user: 'bounces',
    password,
    folder,
    kick: () => void execFileSync('/usr/bin/doveadm', ['-c', file, 'kick', 'bounces'], { stdio: 'ignore' }),
    deliver(name, mail) {
      writeFileSync(join(inbox, 'tmp', name), mail);
      renameSync(join(inbox, 'tmp', name), join(inbox, 'new', name));
    },
    files(name) {
      const at = name === 'INBOX' ? inbox : join(inbox, `.${name}`);
      return ['new', 'cur'].flatMap((part) => readdirSync(join(at, part)));
    },
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'close');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Connects until somebody answers; how long it may take is the test's own limit. */
async function listens(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const answered = await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'close').then(() => false),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (answered) return;
  }
}

type Setting = {
  readonly folder: string;
  readonly inbox: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly password: string;
};

function configuration({ folder, inbox, port, tlsPort, password }: Setting): string {
  const { username, uid, gid } = userInfo();
  const isRoot = uid === 0;
  // Dovecot does not run mail as root, and needs root to become somebody else.
  const mailUser = isRoot ? 'nobody' : username;
  const login = isRoot ? '' : `default_internal_user = ${username}\ndefault_login_user = ${username}\n`;
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:${inbox}
auth_mechanisms = plain login
${login}
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = ${isRoot ? `uid=${mailUser} gid=nogroup` : `uid=${uid} gid=${gid}`} home=${folder}/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
service anvil {
  chroot =
}
`;
}
