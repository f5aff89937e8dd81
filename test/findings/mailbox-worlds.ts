import { Socket } from 'node:net';
import type { Clock } from '../../src/base/index.ts';
import { createFindings, loadFindingTexts } from '../../src/findings/index.ts';
import type { Finding } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import { checkMailbox, loadMailboxFacts, openTcp } from '../../src/mailbox/index.ts';
import type {
  MailboxQuestion,
  MailboxTools,
  OpenSocket,
  Protocol,
  TlsMode,
} from '../../src/mailbox/index.ts';
import type { DnsAnswer, SrvRecord } from '../../src/net/dns/index.ts';
import { makeAuthority } from '../support/authority.ts';
import { imapDate, imapTalk, popTalk, sieveTalk, smtpTalk } from '../support/mailbox-scripts.ts';
import type { ImapScript, PopScript, Post, ScriptedFolder, SmtpScript } from '../support/mailbox-scripts.ts';
import { startScripted } from '../support/scripted-server.ts';
import type { Script, ScriptedServer } from '../support/scripted-server.ts';
import type { BrokenWorld } from './world.ts';

const folder = defaultKnowledgeFolder();
export const finding: MailboxTools['finding'] = createFindings(loadFindingTexts(folder));
export const facts: MailboxTools['facts'] = loadMailboxFacts(folder);

const authority = makeAuthority('Example Public CA');
const ordered = authority.issue({ hosts: ['localhost'] });
export const certificate = { key: ordered.key, cert: ordered.chain };

/** Each wait has a length of its own, so that a world can say which of them passes. */
export const limits = { connectMs: 6_001, tlsMs: 8_002, replyMs: 10_003 };
const limitMs = 30_004;
const askEveryMs = 3_000;

/** Time stands still, but for the waits that pass in this world, at once. */
function worldClock(passing: readonly number[]): Clock {
  let passedMs = 0;
  return {
    now: () => Date.now(),
    monotonic: () => passedMs,
    after(delayMs, action) {
      if (!passing.includes(delayMs)) return { cancel: () => undefined };
      const handle = setImmediate(() => {
        passedMs += delayMs;
        action();
      });
      return { cancel: () => clearImmediate(handle) };
    },
  };
}

/** `client`: what the mail program is set to, where the server does something else. */
type Part = Partial<Script> & { readonly port?: number; readonly client?: TlsMode };

/** What is otherwise than in a mailbox in order. */
export type Change = {
  readonly imap?: Part;
  readonly pop?: Part;
  readonly smtp?: Part;
  readonly sieve?: string;
  readonly question?: Partial<MailboxQuestion>;
  readonly tools?: Partial<MailboxTools>;
  readonly open?: OpenSocket;
  readonly passing?: readonly number[];
};

const defaults: { readonly [Each in Protocol]: Pick<Script, 'greeting' | 'talk'> } = {
  imap: { greeting: '* OK ready', talk: imapTalk() },
  pop: { greeting: '+OK ready', talk: popTalk() },
  smtp: { greeting: '220 mail.example ESMTP', talk: smtpTalk() },
};

const facing = { ttlSeconds: 60, authenticated: false };
const nowhere = { kind: 'nxdomain', ...facing } as const;
const srvNowhere: DnsAnswer<SrvRecord> = nowhere;

export const noNames: MailboxTools['resolver'] = {
  mx: () => Promise.resolve(nowhere),
  a: () => Promise.resolve(nowhere),
  aaaa: () => Promise.resolve(nowhere),
  txt: () => Promise.resolve(nowhere),
  tlsa: () => Promise.resolve(nowhere),
  ptr: () => Promise.resolve(nowhere),
  cname: () => Promise.resolve(nowhere),
  srv: () => Promise.resolve(srvNowhere),
  close: () => undefined,
};

/** Starts the servers that are named, checks the mailbox there, and stops them. */
export async function look(change: Change): Promise<readonly Finding[]> {
  const servers: ScriptedServer[] = [];
  const start = async (script: Script): Promise<number> => {
    const server = await startScripted(script);
    servers.push(server);
    return server.port;
  };
  try {
    const services: MailboxQuestion['services'][number][] = [];
    for (const protocol of ['imap', 'pop', 'smtp'] as const) {
      const part = change[protocol];
      if (part === undefined) continue;
      const script: Script = { tls: 'implicit', certificate, ...defaults[protocol], ...part };
      const port = await start(script);
      const tls = part.client ?? (script.tls === 'implicit' ? 'implicit' : 'starttls');
      services.push({ protocol, host: 'localhost', port: part.port ?? port, tls, origin: 'given' });
    }
    const sieveGreeting = '"IMPLEMENTATION" "Scripted"\n"STARTTLS"\nOK';
    const sievePort =
      change.sieve === undefined
        ? 1
        : await start({
            tls: 'starttls',
            certificate,
            greeting: sieveGreeting,
            afterTls: 'OK',
            talk: sieveTalk(change.sieve),
          });
    const clock = worldClock(change.passing ?? []);
    const question: MailboxQuestion = {
      address: 'taro@mail.test',
      services,
      user: null,
      password: 'hidden-horse',
      sender: null,
      roundTripMs: null,
      sievePort,
      searchMs: 20_000,
      limitMs,
      ...change.question,
    };
    const open = change.open ?? openTcp;
    return await checkMailbox(question, {
      finding,
      facts,
      resolver: noNames,
      clock,
      random: () => 0.5,
      dialog: { clock, limits, open, authorities: [authority.certificate] },
      fetchText: () => Promise.resolve(null),
      anchors: [],
      hostname: 'check.test',
      progress: () => undefined,
      ...change.tools,
    });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

const world = (id: string, what: string, change: Change): BrokenWorld => ({
  id: `mailbox.${id}`,
  what,
  look: async () => await look(change),
});

const imap = (script: ImapScript): Part => ({ talk: imapTalk(script) });
const pop = (script: PopScript): Part => ({ talk: popTalk(script) });
const smtp = (script: SmtpScript): Part => ({ talk: smtpTalk(script) });
const refused = (login: string): Change => ({ imap: imap({ login }) });

const never: OpenSocket = () => new Socket();

const network: readonly BrokenWorld[] = [
  world('settings-unknown', 'nothing published', {}),
  world('no-network', 'nothing answers anywhere', {
    imap: {},
    open: never,
    passing: [limits.connectMs],
    tools: { anchors: ['192.0.2.1:443', '192.0.2.2:443'] },
  }),
  world('name-unknown', 'a slip in the server name', {
    question: {
      services: [{ protocol: 'imap', host: 'imap.mail.test', port: 993, tls: 'implicit', origin: 'given' }],
    },
  }),
  world('dns-silent', 'the resolver is down', {
    question: {
      services: [{ protocol: 'imap', host: 'imap.mail.test', port: 993, tls: 'implicit', origin: 'given' }],
    },
    tools: {
      resolver: {
        ...noNames,
        a: () => Promise.resolve({ kind: 'failed', cause: 'timeout', server: '192.0.2.53' }),
        aaaa: () => Promise.resolve({ kind: 'failed', cause: 'timeout', server: '192.0.2.53' }),
      },
    },
  }),
  world('port-refused', 'nobody listens', { imap: { port: 1 } }),
  world('port-silent', 'a firewall drops', { imap: {}, open: never, passing: [limits.connectMs] }),
  world('port-25-blocked', '587 answers, 25 does not', {
    smtp: { port: 25, tls: 'starttls' },
    open: ({ port }) => {
      const socket = new Socket();
      if (port === 587) setImmediate(() => socket.emit('connect'));
      return socket;
    },
    passing: [limits.connectMs],
  }),
  world('too-slow', 'hangs inside', { imap: imap({ mute: 'LIST' }), passing: [limitMs] }),
];

const greeting: readonly BrokenWorld[] = [
  world('greeting-silent', 'says nothing', {
    imap: { tls: 'none', greeting: null },
    passing: [limits.replyMs],
  }),
  world('greeting-closed', 'hangs up', { pop: { tls: 'none', greeting: { text: '', next: 'end' } } }),
  world('greeting-foreign', 'a web server', { imap: { tls: 'none', greeting: 'HTTP/1.1 400 Bad Request' } }),
  world('server-refuses', 'SMTP 421', {
    smtp: { tls: 'none', greeting: '421 4.3.2 closing for maintenance' },
  }),
  world('server-refuses', 'IMAP BYE', { imap: { greeting: '* BYE overloaded' } }),
  world('answers-stop', 'hangs up at EHLO', { smtp: { talk: () => () => ({ text: '', next: 'end' }) } }),
  world('banner-rewritten', 'stars, and STARTTLS overwritten', {
    smtp: {
      tls: 'none',
      greeting: '220 ****************************************',
      talk: smtpTalk({ ehlo: '250-mail.example\n250-XXXXXXXA\n250 SIZE' }),
    },
  }),
  world('answers-stop', 'cut off while folders are listed', { imap: imap({ cutAt: 'LIST' }) }),
  world('starttls-missing', 'an old server', {
    smtp: { tls: 'none', talk: smtpTalk({ ehlo: '250-mail.example\n250 AUTH PLAIN' }) },
  }),
  world('starttls-refused', 'TLS is not available', {
    pop: { tls: 'none', talk: () => (line) => (line === 'CAPA' ? '+OK\nSTLS\n.' : '-ERR TLS not available') },
  }),
];

const issued = (name: string): Part => ({ certificate: makeAuthority(name).issue({ hosts: ['localhost'] }) });

const tls: readonly BrokenWorld[] = [
  world('tls-intercepted', 'a mail shield', { imap: issued('Avast Web/Mail Shield Root') }),
  world('tls-intercepted', 'a mail shield after STARTTLS', {
    smtp: { tls: 'starttls', ...issued('ESET SSL Filter CA') },
  }),
  world('certificate-expired', 'ten days ago', {
    imap: { certificate: authority.issue({ hosts: ['localhost'], fromDays: -40, toDays: -10 }) },
  }),
  world('clock-behind', 'valid from tomorrow', {
    pop: { certificate: authority.issue({ hosts: ['localhost'], fromDays: 1, toDays: 9 }) },
  }),
  world('certificate-untrusted', 'self-signed', {
    smtp: { certificate: authority.selfSigned({ hosts: ['localhost'] }) },
  }),
  world('certificate-name', 'of another host', {
    imap: { certificate: authority.issue({ hosts: ['mail.other.example'] }) },
  }),
  world('tls-wrong-mode', 'TLS from the start at a port for STARTTLS', {
    imap: { tls: 'none', client: 'implicit' },
  }),
  world('tls-silent', 'the handshake never ends', {
    imap: { tls: 'none', client: 'implicit', greeting: null },
    passing: [limits.tlsMs, limits.replyMs],
  }),
  world('tls-too-old', 'TLS 1.0 only', { imap: { versions: { min: 'TLSv1', max: 'TLSv1' } } }),
  world('tls-too-old', 'TLS 1.1 only', { pop: { versions: { min: 'TLSv1.1', max: 'TLSv1.1' } } }),
  world('tls-failed', 'hangs up in the handshake', {
    smtp: { tls: 'none', client: 'implicit', greeting: { text: '', next: 'end' } },
  }),
];

const login: readonly BrokenWorld[] = [
  world('wrong-password', 'IMAP', refused('NO [AUTHENTICATIONFAILED] Authentication failed.')),
  world('wrong-password', 'POP3', { pop: pop({ pass: '-ERR [AUTH] Authentication failed.' }) }),
  world('wrong-password', 'SMTP', { smtp: smtp({ auth: '535 5.7.8 Error: authentication failed' }) }),
  world('wrong-password', 'tried once, not at every server', {
    imap: imap({ login: 'NO [AUTHENTICATIONFAILED] no' }),
    pop: pop({ pass: '-ERR [AUTH] no' }),
    smtp: smtp({ auth: '535 5.7.8 no' }),
  }),
  world('password-login-ended', 'Microsoft, IMAP', refused('NO Basic authentication is disabled.')),
  world('password-login-ended', 'Microsoft, SMTP', {
    smtp: smtp({ auth: '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.' }),
  }),
  world('password-login-ended', 'only XOAUTH2 offered', {
    smtp: smtp({ ehlo: '250-mail.example\n250 AUTH XOAUTH2 OAUTHBEARER' }),
  }),
  world('password-login-ended', 'words of Outlook.com that tell nothing', {
    ...refused('NO LOGIN failed.'),
    question: { address: 'taro@outlook.com' },
  }),
  world(
    'app-password-needed',
    'Gmail says so',
    refused('NO [ALERT] Application-specific password required: https://x (Failure)'),
  ),
  world('app-password-needed', 'docomo says only that it is wrong', {
    ...refused('NO [AUTHENTICATIONFAILED] Authentication failed.'),
    question: { address: 'taro@docomo.ne.jp' },
  }),
  world('browser-login-wanted', 'Gmail', refused('NO [WEBALERT https://x] Web login required.')),
  world(
    'account-locked',
    'after failures',
    refused('NO [AUTHENTICATIONFAILED] Account is temporarily locked'),
  ),
  world('access-disabled', 'IMAP is off', refused('NO [ALERT] Your account is not enabled for IMAP use.')),
  world('too-many-connections', 'LIMIT', refused('NO [LIMIT] Maximum number of connections exceeded')),
  world('login-trouble', 'the server is ill', refused('NO [UNAVAILABLE] Temporary authentication failure.')),
  world('login-refused', 'words nobody knows', refused('NO Computer says no')),
  world('maildrop-locked', 'POP lock', {
    pop: pop({ pass: '-ERR [IN-USE] Mailbox is locked by another POP3 session.' }),
  }),
  world('auth-missing', 'no AUTH after TLS', { smtp: smtp({ ehlo: '250-mail.example\n250 SIZE 1000' }) }),
  world('login-first', 'SMTP without a password', {
    smtp: smtp({ mail: '530 5.7.0 Authentication required' }),
    question: { password: null },
  }),
];

const folders = (...list: readonly ScriptedFolder[]): Change => ({
  imap: imap({ folders: [{ path: 'INBOX', messages: 3, receives: true }, ...list] }),
});

const inside: readonly BrokenWorld[] = [
  world('quota-full', 'all of it', { imap: imap({ quota: 'STORAGE 1000 1000' }) }),
  world('quota-near', '95 % of the messages', { imap: imap({ quota: 'MESSAGE 950 1000' }) }),
  world('folder-many-messages', '60,000', folders({ path: 'Old', messages: 60_000 })),
  world('folder-large', '12 GB', folders({ path: 'Photos', messages: 90, size: 12e9 })),
  world('mailbox-count-near', 'docomo keeps 20,000', {
    ...folders({ path: 'Old', messages: 19_500 }),
    question: { address: 'taro@docomo.ne.jp' },
  }),
  world('left-on-server', 'POP', { pop: pop({ stat: '4321 987654321' }) }),
];

const from: Partial<MailboxQuestion> = { sender: 'news@shop.example' };
const asked = (change: Change): Change => ({ ...change, question: { ...from, ...change.question } });
const rule = (action: string): string =>
  `require ["fileinto"]; if address :is "from" "news@shop.example" { ${action} }`;

const sender: readonly BrokenWorld[] = [
  world(
    'sender-in-junk',
    'by special use',
    asked(folders({ path: 'Bulk?', flags: '\\Junk', messages: 2, from: [5] })),
  ),
  world(
    'sender-in-junk',
    'by the name 迷惑メール',
    asked(folders({ path: '&j,dg0TDhMPww6w-', messages: 2, from: [5] })),
  ),
  world('sender-in-trash', 'deleted', asked(folders({ path: 'Trash', messages: 2, from: [5, 6] }))),
  world(
    'sender-in-folder',
    'archived at Gmail',
    asked(folders({ path: '[Gmail]/All', flags: '\\All', messages: 90_000, from: [7] })),
  ),
  world('sender-in-folder', 'filed', asked(folders({ path: 'Shops', messages: 2, from: [7] }))),
  world(
    'sender-deleted',
    'marked in the inbox',
    asked({
      imap: imap({ folders: [{ path: 'INBOX', messages: 3, from: [1, 2], deleted: [1, 2] }] }),
    }),
  ),
  world(
    'sender-by-rule',
    'fileinto',
    asked({
      ...folders({ path: 'Shops', messages: 2, from: [7] }),
      sieve: rule('fileinto "Shops";'),
    }),
  ),
  world('sender-not-there', 'nowhere', asked(folders())),
  world(
    'sender-not-there',
    'a rule about others',
    asked({ ...folders(), sieve: 'if address "from" "x@y.example" { discard; }' }),
  ),
  world('rule-drops', 'discard', asked({ ...folders(), sieve: rule('discard;') })),
  world('rule-redirects', 'redirect', asked({ ...folders(), sieve: rule('redirect "me@else.example";') })),
  world('sender-search-unfinished', 'no time', asked({ ...folders(), question: { searchMs: 0 } })),
  world('pop-shows-inbox-only', 'POP alone', asked({ pop: {} })),
];

const trip =
  (parts: {
    readonly smtp?: SmtpScript;
    readonly imap?: ImapScript;
    readonly lost?: true;
    readonly passing?: readonly number[];
  }): BrokenWorld['look'] =>
  async () => {
    const post: Post = { mail: null };
    return await look({
      imap: imap({ ...(parts.lost === true ? {} : { post }), ...parts.imap }),
      smtp: smtp({ post, ...parts.smtp }),
      question: { roundTripMs: 120_000 },
      passing: parts.passing ?? [askEveryMs],
    });
  };

const junk: ScriptedFolder = { path: 'Junk', messages: 1, receives: true };

const roundTrip: readonly BrokenWorld[] = [
  {
    id: 'mailbox.round-trip-refused',
    what: 'MAIL is refused',
    look: trip({ smtp: { mail: '550 5.7.1 sending limit' } }),
  },
  { id: 'mailbox.round-trip-missing', what: 'never comes', look: trip({ lost: true }) },
  { id: 'mailbox.round-trip-late', what: 'after 75 s', look: trip({ imap: { looks: 25 } }) },
  {
    id: 'mailbox.round-trip-in-junk',
    what: 'taken for spam',
    look: trip({ imap: { folders: [{ path: 'INBOX', messages: 1 }, junk] } }),
  },
  {
    id: 'mailbox.round-trip-unauthenticated',
    what: 'DMARC fails',
    look: trip({
      smtp: { received: 'Authentication-Results: mx.example;\n spf=pass; dkim=none; dmarc=fail\n' },
    }),
  },
  {
    id: 'mailbox.clock-wrong',
    what: 'nine hours',
    look: trip({ imap: { date: imapDate(Date.now() + 9 * 3_600_000) } }),
  },
];

export const brokenWorlds: readonly BrokenWorld[] = [
  ...network,
  ...greeting,
  ...tls,
  ...login,
  ...inside,
  ...sender,
  ...roundTrip,
];
export { trip };
