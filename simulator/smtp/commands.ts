import { readPath } from './command-line.ts';
import type { CommandLine, PathArgument } from './command-line.ts';
import type { Decision, SmtpHooks } from './decision.ts';
import { accept } from './decision.ts';
import type { Dialog } from './dialog.ts';

type Command = (dialog: Dialog, argument: string) => void;

// RFC 5321 §4.5.3.1.8 asks for at least 100; Postfix takes 1,000.
const recipientLimit = 1_000;

const commands: Readonly<Record<string, Command>> = {
  EHLO: (dialog, argument) => greet(dialog, argument, true),
  HELO: (dialog, argument) => greet(dialog, argument, false),
  MAIL: mail,
  RCPT: rcpt,
  DATA: data,
  BDAT: bdat,
  STARTTLS: startTls,
  RSET(dialog) {
    dialog.resetTransaction();
    dialog.reply('250 2.0.0 Ok');
  },
  NOOP: (dialog) => dialog.reply('250 2.0.0 Ok'),
  HELP: (dialog) => dialog.reply('214 2.0.0 See RFC 5321'),
  VRFY: (dialog) => dialog.reply('252 2.5.2 Cannot VRFY user'),
  QUIT: (dialog) => dialog.end('221 2.0.0 Bye'),
};

/** Carries out one command line. */
export function runCommand(dialog: Dialog, line: CommandLine): void {
  const command = Object.hasOwn(commands, line.verb) ? commands[line.verb] : undefined;
  if (command === undefined) dialog.mistake('500 5.5.2 Error: command not recognized');
  else command(dialog, line.argument);
}

function greet(dialog: Dialog, name: string, extended: boolean): void {
  if (name === '') return dialog.mistake(`501 5.5.4 Syntax: ${extended ? 'EHLO' : 'HELO'} hostname`);
  dialog.decide(
    ask(dialog, (hooks) => hooks.greeted?.(dialog.session, name)),
    (text) => {
      dialog.resetTransaction();
      dialog.greeted = true;
      const { hostname } = dialog.options;
      dialog.reply(text ?? (extended ? extensionLines(dialog).join('\r\n') : `250 ${hostname}`));
    },
  );
}

/** RFC 5321 §4.1.1.1: the EHLO reply, one extension a line. */
function extensionLines(dialog: Dialog): readonly string[] {
  const { options } = dialog;
  const words = [options.hostname, 'PIPELINING', `SIZE ${options.sizeLimitOctets}`];
  if (dialog.mayStartTls) words.push('STARTTLS');
  words.push('ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8');
  if (options.chunking) words.push('CHUNKING');
  return words.map((word, index) => `250${index === words.length - 1 ? ' ' : '-'}${word}`);
}

function mail(dialog: Dialog, argument: string): void {
  if (!dialog.greeted) return dialog.mistake('503 5.5.1 Error: send HELO/EHLO first');
  if (dialog.options.startTls === 'required' && !dialog.session.secure) {
    // RFC 3207 §4
    return dialog.mistake('530 5.7.0 Must issue a STARTTLS command first');
  }
  if (dialog.from !== null) return dialog.mistake('503 5.5.1 Error: nested MAIL command');
  const read = readPath('FROM', argument);
  if (read === null) return dialog.mistake('501 5.5.4 Syntax: MAIL FROM:<address>');
  const trouble = mailTrouble(dialog, read);
  if (trouble !== null) return dialog.mistake(trouble);
  dialog.decide(
    ask(dialog, (hooks) => hooks.mail?.(dialog.session, read.path)),
    (text) => {
      dialog.beginTransaction(read.path, read.parameters.has('SMTPUTF8'));
      dialog.reply(text ?? '250 2.1.0 Ok');
    },
  );
}

function mailTrouble(dialog: Dialog, read: PathArgument): string | null {
  const size = read.parameters.get('SIZE');
  // RFC 1870 §6.1: the limit is applied to what the client declares.
  if (size !== undefined && Number(size) > dialog.options.sizeLimitOctets) {
    return '552 5.3.4 Message size exceeds fixed limit';
  }
  return pathTrouble(read.path, read.parameters.has('SMTPUTF8'));
}

function pathTrouble(path: string, smtpUtf8: boolean): string | null {
  // RFC 6531 §3.1: outside ASCII only when the client asked for SMTPUTF8.
  if (!smtpUtf8 && /[^\x20-\x7e]/.test(path)) return '553 5.6.7 Must list SMTPUTF8 as a parameter';
  return null;
}

function rcpt(dialog: Dialog, argument: string): void {
  if (dialog.from === null) return dialog.mistake('503 5.5.1 Error: need MAIL command');
  const read = readPath('TO', argument);
  if (read === null || read.path === '') return dialog.mistake('501 5.5.4 Syntax: RCPT TO:<address>');
  const trouble = pathTrouble(read.path, dialog.smtpUtf8) ?? dotStringTrouble(read.path);
  if (trouble !== null) return dialog.mistake(trouble);
  if (dialog.recipients.length >= recipientLimit) {
    return dialog.reply('452 4.5.3 Error: too many recipients');
  }
  dialog.decide(
    ask(dialog, (hooks) => hooks.rcpt?.(dialog.session, read.path)),
    (text) => {
      dialog.addRecipient(read.path);
      dialog.reply(text ?? '250 2.1.5 Ok');
    },
  );
}

/** RFC 5321 §4.1.2: an unquoted local part has no dot at its ends and no two in a row; docomo's old ones must be quoted. */
function dotStringTrouble(path: string): string | null {
  const at = path.lastIndexOf('@');
  const local = at === -1 ? path : path.slice(0, at);
  if (local.startsWith('"')) return null;
  const wrong = local.startsWith('.') || local.endsWith('.') || local.includes('..');
  return wrong ? '501 5.1.3 Bad recipient address syntax' : null;
}

function data(dialog: Dialog): void {
  if (dialog.from === null) return dialog.mistake('503 5.5.1 Error: need RCPT command');
  // RFC 3030 §2: DATA and BDAT cannot be mixed in one transaction.
  if (dialog.chunked) return dialog.mistake('503 5.5.1 Error: BDAT under way');
  // RFC 2920 §3.1: DATA was pipelined behind recipients that were all refused.
  if (dialog.recipients.length === 0) return dialog.reply('554 5.5.1 Error: no valid recipients');
  dialog.decide(
    ask(dialog, (hooks) => hooks.data?.(dialog.session)),
    (text) => {
      dialog.expectDotted();
      dialog.reply(text ?? '354 End data with <CR><LF>.<CR><LF>');
    },
  );
}

/** RFC 3030 §2: `BDAT octets [LAST]`, the bytes follow at once whatever the reply will be. */
function bdat(dialog: Dialog, argument: string): void {
  const match = dialog.options.chunking ? /^(\d{1,10})(?: +(LAST))?$/i.exec(argument) : null;
  if (match === null) return dialog.mistake('501 5.5.4 Syntax: BDAT count [LAST]');
  dialog.expectChunk(Number(match[1]), match[2] !== undefined);
}

function startTls(dialog: Dialog): void {
  if (!dialog.mayStartTls) return dialog.mistake('502 5.5.1 Error: command not implemented');
  dialog.startTls();
}

function ask(dialog: Dialog, call: (hooks: SmtpHooks) => Decision | undefined): Decision {
  return call(dialog.options.hooks) ?? accept;
}
