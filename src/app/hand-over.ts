import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { AppError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { LocalAnswer, LocalRequest } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { newMailId } from '../outbox/index.ts';
import type { NewMail } from '../outbox/index.ts';
import { readAddress } from '../protocol/message/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { readLocalMail, readSubmission, recipientsOf } from '../submission/index.ts';
import { openOutbox } from './open-outbox.ts';
import { sendingDomain } from './sender.ts';
import { submitBySmtp } from './submission-client.ts';
import type { HandedOver, HandOverReply, SubmissionServerPlace } from './submission-client.ts';
import { localKey, submissionSocket } from './submission-door.ts';

export type HandOverParts = {
  readonly config: Config;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** For when no Todoku runs here. */
  readonly openStore: () => Store;
};

/** Takes a mail of a program of this machine: to the Todoku that a URL names, to the one that runs here, or into the store. */
export async function handOver(parts: HandOverParts, request: LocalRequest): Promise<LocalAnswer> {
  const { config, dataFolder, clock } = parts;
  const { options } = request;
  const given = ownSender(config, options.sender);
  const read = readLocalMail({ ...options, input: request.input, sender: given, usual: usualSender(config) });
  if (!read.ok) return { kind: 'refused', ...read.refusal, at: 'data' };
  if (read.recipients.length === 0) return { kind: 'no-recipients' };
  const mail: HandedOver = {
    sender: given ?? read.author,
    recipients: read.recipients,
    bytes: read.bytes,
    notify: options.notify,
    returns: options.returns,
    envelopeId: options.envelopeId,
  };
  if (request.url !== null) return answerOf(await submitBySmtp(placeOfUrl(request.url), mail, clock));
  const path = submissionSocket(config, dataFolder);
  const running = await submitBySmtp({ kind: 'socket', path }, mail, clock);
  return running === null ? await storeIt(parts, mail) : answerOf(running);
}

function answerOf(reply: HandOverReply | null): LocalAnswer {
  if (reply === null) return { kind: 'unreachable' };
  return reply.code === 250 && reply.at === 'data' ? { kind: 'accepted' } : { kind: 'refused', ...reply };
}

/** `-bs`: the program speaks SMTP itself. false: no Todoku runs here. */
export async function pipeToSubmission(
  { config, dataFolder }: HandOverParts,
  from: NodeJS.ReadableStream,
  to: NodeJS.WritableStream,
): Promise<boolean> {
  const socket = connect(submissionSocket(config, dataFolder));
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  if (!isOpen) return false;
  // Reset or closed: the session is over either way.
  socket.on('error', () => socket.destroy());
  from.pipe(socket);
  socket.pipe(to, { end: false });
  await once(socket, 'close');
  from.unpipe(socket);
  return true;
}

/** Nobody serves: the mail is stored, and sent by the next `todoku serve` or `todoku resume`. */
async function storeIt(parts: HandOverParts, mail: HandedOver): Promise<LocalAnswer> {
  const reading = submissionOf(parts, mail);
  if ('kind' in reading) return reading;
  const store = parts.openStore();
  const { config, clock, random } = parts;
  const working = await openOutbox({
    config,
    store,
    clock,
    random,
    arrived: () => undefined,
    // Housekeeping is the work of who serves.
    onTrouble: () => undefined,
  });
  try {
    const answer = await working.outbox.accept(reading);
    if (answer.kind === 'accepted') return { kind: 'accepted' };
    return { kind: 'refused', code: 452, text: '4.3.1 No room to store the message now', at: 'data' };
  } finally {
    await working.stop();
  }
}

function submissionOf({ config, clock, random }: HandOverParts, mail: HandedOver): NewMail | LocalAnswer {
  const recipients = recipientsOf(mail.recipients, mail.notify?.split(',') ?? null);
  if (typeof recipients === 'string')
    return { kind: 'refused', code: 553, text: `5.1.3 ${recipients} is no usable address`, at: 'rcpt' };
  const reading = readSubmission(
    {
      bytes: mail.bytes,
      envelope: {
        sender: mail.sender === '' ? null : mail.sender,
        envelopeId: mail.envelopeId,
        returns: mail.returns === 'FULL' ? 'full' : 'headers',
        requireTls: false,
        smtpUtf8: false,
        recipients,
      },
      // RFC 5321 §4.4 has no word for a program on the same machine; Postfix says "local" in its own form.
      client: { address: null, helo: 'localhost', protocol: 'local' },
      key: localKey,
      via: 'sendmail',
      nowMs: clock.now(),
    },
    {
      hostname: config.delivery.hostname,
      hideClient: true,
      lifetimeMs: config.delivery.expiryMs,
      sendingDomain: (domain) => sendingDomain(config, domain)?.name ?? null,
      newId: () => newMailId(clock.now(), random),
    },
  );
  return reading.ok ? reading.mail : { kind: 'refused', ...reading.refusal, at: 'data' };
}

/** `-f` where it is of a domain of ours, or the null reverse-path; PHP and cron give `www-data@localhost` by habit. */
function ownSender(config: Config, given: string | null): string | null {
  if (given === null || given === '') return given;
  const address = readAddress(given);
  return typeof address === 'string' || sendingDomain(config, address.domain) === null ? null : given;
}

/** `www-data@shop.example`: who calls, at the only sending domain there is, else at this machine. */
function usualSender(config: Config): string {
  const [only, second] = config.domains;
  const domain = only !== undefined && second === undefined ? only.name : hostname();
  return `${userInfo().username}@${domain}`;
}

/** `smtp://127.0.0.1:587`, `smtps://mail.example`; the token is the password in it, or stands beside it. */
function placeOfUrl({
  url,
  token,
}: {
  readonly url: string;
  readonly token: string | null;
}): SubmissionServerPlace {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !['smtp:', 'smtps:'].includes(parsed.protocol) || parsed.hostname === '')
    throw unusableUrl(url);
  const implicitTls = parsed.protocol === 'smtps:';
  const password = decodeURIComponent(parsed.password);
  return {
    kind: 'url',
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? (implicitTls ? 465 : 587) : Number(parsed.port),
    implicitTls,
    token: password === '' ? (token ?? '') : password,
  };
}

function unusableUrl(url: string): AppError {
  // The password in it is not shown.
  const shown = url.replace(/\/\/[^@]*@/, '//…@').slice(0, 120);
  return new AppError({
    code: 'sendmail-url-unusable',
    message: {
      ja: `TODOKU_SMTP_URL の ${shown} は SMTP の URL ではありません`,
      en: `TODOKU_SMTP_URL: ${shown} is no URL of an SMTP server`,
    },
    hint: {
      ja: 'smtp://127.0.0.1:587 か smtps://mail.example.jp のように書いてください',
      en: 'write it as smtp://127.0.0.1:587 or smtps://mail.example.com',
    },
  });
}
