import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificate.ts';

export type ProviderOptions = {
  readonly certificate: Certificate;
  /** Kilobytes; left out: no limit. */
  readonly quotaKilobytes?: number;
  /** Lines of dovecot.conf besides. */
  readonly dovecot?: readonly string[];
  /** Lines of main.cf besides. */
  readonly postfix?: readonly string[];
};

/** A small mailbox provider on loopback: Dovecot with IMAP, POP3, ManageSieve and delivery, Postfix for submission; one user. */
export type MailProvider = {
  readonly ports: {
    readonly imap: number;
    readonly imaps: number;
    readonly pop: number;
    readonly pops: number;
    readonly sieve: number;
    readonly submission: number;
    readonly submissions: number;
  };
  readonly address: string;
  readonly password: string;
  readonly folder: string;
  /** Puts a mail into a folder as the delivery agent does, with the rules in force. */
  deliver(mail: string, folder?: string): void;
  /** Puts a filter in force. */
  rule(script: string): void;
  /** Writes a folder of many messages. */
  fill(name: string, messages: readonly string[]): void;
  stop(): Promise<void>;
};

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Needs root: Postfix does not run without, and mail belongs to another user. */
export async function startMailProvider(options: ProviderOptions): Promise<MailProvider> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-provider-'));
  chmodSync(folder, 0o755);
  const home = join(folder, 'home');
  const [owner, group] = [numberOf('-u', 'nobody'), numberOf('-g', 'nobody')];
  for (const part of ['', 'mbox', 'sieve']) {
    mkdirSync(join(home, part));
    chownSync(join(home, part), owner, group);
  }
  writeFileSync(join(folder, 'cert.pem'), options.certificate.cert);
  writeFileSync(join(folder, 'key.pem'), options.certificate.key);
  const [imap, imaps, pop, pops, sieve, submission, submissions, auth] = (await freePorts(8)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ports = { imap, imaps, pop, pops, sieve, submission, submissions };
  const password = 'correct-horse-battery';
  // The delivery agent writes there too, as the owner of the mail.
  writeFileSync(join(folder, 'dovecot.log'), '');
  chmodSync(join(folder, 'dovecot.log'), 0o666);
  const file = join(folder, 'dovecot.conf');
  writeFileSync(file, dovecotConf(folder, { ...ports, auth, password, options }));
  const dovecot = spawn('/usr/sbin/dovecot', ['-F', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  dovecot.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(dovecot, 'close').then(() => {
    throw new Error(`dovecot ended: ${said}`);
  });
  ended.catch(() => undefined); // looked at while it starts only
  await Promise.race([ended, greets(imap)]);
  const etc = startPostfix(folder, { ...ports, auth, options });
  await greets(submission);
  const own = (path: string): void => void execFileSync('chown', ['-R', `${owner}:${group}`, path]);
  return {
    ports,
    address: 'taro@mail.test',
    password,
    folder,
    deliver(mail, name) {
      const where = name === undefined ? [] : ['-m', name, '-o', 'lda_mailbox_autocreate=yes'];
      execFileSync('/usr/lib/dovecot/dovecot-lda', ['-c', file, '-d', 'taro@mail.test', ...where], {
        input: mail,
      });
    },
    rule(script) {
      writeFileSync(join(home, 'sieve', 'rules.sieve'), script);
      execFileSync('ln', ['-sf', 'sieve/rules.sieve', join(home, '.dovecot.sieve')]);
      own(home);
    },
    fill(name, messages) {
      const from = 'From someone@shop.example Thu Jan  1 00:00:00 2026\n';
      writeFileSync(join(home, 'mbox', name), messages.map((text) => `${from}${text}\n`).join(''));
      own(home);
    },
    async stop() {
      execFileSync('postfix', ['-c', etc, 'stop'], { stdio: 'ignore' });
      if (dovecot.exitCode === null) {
        dovecot.kill('SIGTERM');
        await once(dovecot, 'close');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function numberOf(kind: '-u' | '-g', user: string): number {
  return Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
}

/** Connects until somebody greets; how long it may take is the test's own limit. */
async function greets(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const answered = await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (answered) return;
  }
}

type Setting = MailProvider['ports'] & { readonly auth: number; readonly options: ProviderOptions };

function dovecotConf(folder: string, setting: Setting & { readonly password: string }): string {
  const { options } = setting;
  const quota = options.quotaKilobytes;
  const listener = (name: string, port: number, tls: boolean): string =>
    `  inet_listener ${name} {\n    port = ${port}\n${tls ? '    ssl = yes\n' : ''}  }`;
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap pop3 sieve
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
first_valid_uid = 1
first_valid_gid = 1
pop3_lock_session = yes
mail_plugins = quota
auth_mechanisms = plain login
auth_failure_delay = 0 s
namespace inbox {
  inbox = yes
  separator = /
  location = maildir:~/Maildir
  mailbox Junk {
    special_use = \\Junk
    auto = create
  }
}
namespace old {
  prefix = Archive/
  separator = /
  location = mbox:~/mbox
}
protocol imap {
  mail_plugins = quota imap_quota
}
protocol lda {
  mail_plugins = quota sieve
  postmaster_address = postmaster@mail.test
  hostname = mail.test
}
plugin {
  quota = ${quota === undefined ? '' : 'maildir:User'}
  quota_rule = *:storage=${quota ?? 0}K
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
passdb {
  driver = static
  args = password=${setting.password}
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${folder}/home
}
service auth {
  unix_listener auth-userdb {
    mode = 0666
  }
${listener('sasl', setting.auth, false)}
}
service imap-login {
  chroot =
${listener('imap', setting.imap, false)}
${listener('imaps', setting.imaps, true)}
}
service pop3-login {
  chroot =
${listener('pop3', setting.pop, false)}
${listener('pop3s', setting.pops, true)}
}
service managesieve-login {
  chroot =
${listener('sieve', setting.sieve, false)}
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
# Wrong passwords are given on purpose, and slow nobody down.
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
${(options.dovecot ?? []).join('\n')}
`;
}

/** Gives the folder of its configuration. */
function startPostfix(folder: string, { submission, submissions, auth, options }: Setting): string {
  const [etc, queue, state] = ['etc', 'queue', 'postfix'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [etc, queue, state]) mkdirSync(each);
  chownSync(state, numberOf('-u', 'postfix'), numberOf('-u', 'postfix'));
  const main = [
    'compatibility_level = 3.6',
    `queue_directory = ${queue}`,
    `data_directory = ${state}`,
    'mail_owner = postfix',
    'setgid_group = postdrop',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'myhostname = mail.test',
    'mydestination =',
    'mynetworks =',
    'alias_maps =',
    'alias_database =',
    'local_recipient_maps =',
    'virtual_mailbox_domains = mail.test',
    'virtual_transport = dovecot',
    'dovecot_destination_recipient_limit = 1',
    'smtpd_peername_lookup = no',
    `smtpd_tls_cert_file = ${folder}/cert.pem`,
    `smtpd_tls_key_file = ${folder}/key.pem`,
    'smtpd_tls_security_level = may',
    'smtpd_tls_auth_only = yes',
    'smtpd_sasl_auth_enable = yes',
    'smtpd_sasl_type = dovecot',
    `smtpd_sasl_path = inet:127.0.0.1:${auth}`,
    'smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination',
    `maillog_file = ${folder}/postfix.log`,
    `maillog_file_prefixes = ${tmpdir()}`,
    ...(options.postfix ?? []),
  ];
  writeFileSync(join(etc, 'main.cf'), `${main.join('\n')}\n`);
  const lda = `/usr/lib/dovecot/dovecot-lda -c ${folder}/dovecot.conf -d \${recipient}`;
  const master = [
    `127.0.0.1:${submission} inet n - n - - smtpd`,
    `127.0.0.1:${submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes`,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'proxymap unix - - n - - proxymap',
    'anvil unix - - n - 1 anvil',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'postlog unix-dgram n - n - 1 postlogd',
    `dovecot unix - n n - - pipe flags=DRhu user=nobody argv=${lda}`,
  ];
  writeFileSync(join(etc, 'master.cf'), `${master.join('\n')}\n`);
  execFileSync('postfix', ['-c', etc, 'start'], { stdio: 'ignore' });
  return etc;
}

/** What the daemons wrote to their logs. */
export function logsOf({ folder }: Pick<MailProvider, 'folder'>): string {
  return ['dovecot.log', 'postfix.log'].map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}
