import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AccessKey } from '../../src/access/index.ts';
import { createRateLimiter } from '../../src/access/index.ts';
import { systemClock } from '../../src/base/index.ts';
import type { Clock } from '../../src/base/index.ts';
import type { Accepted, AcceptFailure, NewMail } from '../../src/outbox/index.ts';
import { startSubmission } from '../../src/submission/index.ts';
import type {
  SubmissionLimits,
  SubmissionListener,
  SubmissionNews,
  SubmissionParts,
  SubmissionPlace,
  SubmissionRules,
} from '../../src/submission/index.ts';
import { makeCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { driveSmtpDialog } from './smtp-dialog.ts';
import type { SmtpDialog } from './smtp-dialog.ts';

export const submissionLimits: SubmissionLimits = {
  messageBytes: 1_000_000,
  recipients: 10,
  connections: 500,
  connectionsPerClient: 500,
  mailsPerMinute: null,
  memoryBytes: 10_000_000,
  idleMs: 60_000,
  dataMs: 60_000,
  sessionMs: 600_000,
};

/** Passwords of the two applications there are, and their keys. */
export const tokens = {
  shop: 'tdk_k-0000000000-shop1_secret',
  all: 'tdk_k-0000000000-all01_secret',
  reader: 'tdk_k-0000000000-read1_secret',
} as const;

const keys: Readonly<Record<string, AccessKey>> = {
  [tokens.shop]: keyOf('k-0000000000-shop1', { domains: ['shop.example'] }),
  [tokens.all]: keyOf('k-0000000000-all01', {}),
  [tokens.reader]: keyOf('k-0000000000-read1', { scopes: ['messages:read'] }),
};

function keyOf(id: string, differs: Partial<AccessKey>): AccessKey {
  return {
    id,
    name: id,
    scopes: ['messages:send'],
    domains: null,
    sandbox: false,
    requestsPerMinute: null,
    createdMs: 0,
    revokedMs: null,
    ...differs,
  };
}

export type SubmissionWorld = {
  /** STARTTLS, implicit TLS. */
  readonly ports: { readonly starttls: number; readonly implicit: number };
  readonly listener: SubmissionListener;
  readonly taken: NewMail[];
  readonly news: SubmissionNews[];
  readonly troubles: unknown[];
  readonly revoked: Set<string>;
  readonly cert: Certificate;
  /** EHLO over TLS, and AUTH PLAIN. */
  readonly logIn: (token?: string) => Promise<SmtpDialog>;
  /** A connection without a word said. */
  readonly open: (kind?: 'starttls' | 'implicit') => Promise<SmtpDialog>;
};

export type SubmissionWorldOptions = {
  readonly limits?: Partial<SubmissionLimits>;
  readonly rules?: Partial<SubmissionRules>;
  readonly clock?: Clock;
  readonly clearLoopback?: boolean;
  readonly socket?: string;
  readonly accept?: (mail: NewMail) => Promise<Accepted | AcceptFailure>;
};

let certificate: Promise<Certificate> | null = null;

/** Real listeners with an outbox in memory. Sending domains: shop.example and bank.example. */
export async function openSubmissionWorld(options: SubmissionWorldOptions = {}): Promise<SubmissionWorld> {
  const cert = await (certificate ??= makeCertificate('mail.example'));
  const taken: NewMail[] = [];
  const news: SubmissionNews[] = [];
  const troubles: unknown[] = [];
  const revoked = new Set<string>();
  const clock = options.clock ?? systemClock;
  let ids = 0;
  const parts: SubmissionParts = {
    outbox: {
      async accept(mail) {
        const answer = (await options.accept?.(mail)) ?? accepted(mail);
        if (answer.kind === 'accepted') taken.push(mail);
        return answer;
      },
    },
    gate: { check: (token) => (revoked.has(token) ? null : (keys[token] ?? null)) },
    limiter: createRateLimiter(clock),
    clock,
    rules: {
      hostname: 'mail.example',
      hideClient: false,
      lifetimeMs: 86_400_000,
      sendingDomain: (domain) =>
        ['shop.example', 'bank.example'].find((name) => domain === name || domain.endsWith(`.${name}`)) ??
        null,
      newId: () => `m-0000000000-${String((ids += 1)).padStart(5, '0')}`,
      ...options.rules,
    },
    limits: { ...submissionLimits, ...options.limits },
    clearLoopback: options.clearLoopback ?? false,
    onNews: (each) => void news.push(each),
    onTrouble: (error) => void troubles.push(error),
  };
  const at = { listen: { host: '127.0.0.1', port: 0 }, tls: cert };
  const places: SubmissionPlace[] = [
    { kind: 'starttls', configKey: 'inbound.submission.listen', ...at },
    { kind: 'implicit', configKey: 'inbound.submission.listenTls', ...at },
  ];
  if (options.socket !== undefined)
    places.push({ kind: 'local', path: options.socket, key: keyOf('local', {}) });
  const listener = await startSubmission(parts, places);
  const [starttls = 0, implicit = 0] = listener.places.map(({ port }) => port);
  const ports = { starttls, implicit };
  const open = async (kind: 'starttls' | 'implicit' = 'implicit'): Promise<SmtpDialog> => {
    const socket =
      kind === 'starttls'
        ? connect(ports.starttls, '127.0.0.1')
        : connectTls({ port: ports.implicit, host: '127.0.0.1', rejectUnauthorized: false });
    const dialog = driveSmtpDialog(socket);
    await once(socket, kind === 'starttls' ? 'connect' : 'secureConnect');
    return dialog;
  };
  return {
    ports,
    listener,
    taken,
    news,
    troubles,
    revoked,
    cert,
    open,
    async logIn(token = tokens.shop) {
      const dialog = await open();
      await dialog.reply();
      await dialog.ask('EHLO client.example');
      const answer = await dialog.ask(authPlain(token));
      if (!answer.startsWith('235 ')) throw new Error(`login: ${answer}`);
      return dialog;
    },
  };
}

export function authPlain(token: string): string {
  return `AUTH PLAIN ${Buffer.from(`\0anything\0${token}`).toString('base64')}`;
}

/** The answer to the final dot of a mail with these octets, sent as they are. */
export async function sendData(dialog: SmtpDialog, data: string | Buffer): Promise<string> {
  await dialog.ask('MAIL FROM:<app@shop.example>');
  await dialog.ask('RCPT TO:<somebody@example.org>');
  const go = await dialog.ask('DATA');
  if (!go.startsWith('354')) return go;
  dialog.send(data);
  return await dialog.reply();
}

function accepted(mail: NewMail): Accepted {
  const messages = mail.recipients.map(({ address }, index) => ({
    id: `${mail.id}.${index + 1}`,
    address,
    state: 'waiting' as const,
  }));
  return { kind: 'accepted', id: mail.id, messages, repeated: false };
}
