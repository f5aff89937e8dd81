import type { Dialog, DialogLine } from './line-dialog.ts';
import type { Protocol } from './services.ts';

/** What a server answered to one command: its lines, or why there was no whole answer. */
export type Answer =
  | { readonly kind: 'answer'; readonly ok: boolean; readonly lines: readonly string[] }
  | { readonly kind: 'closed' | 'silent' | 'flood' };

// More lines than any server has capabilities or anything else to say in one answer.
const mostLines = 500;

type IsLast = (line: string) => boolean;

/** Lines until the last one; `ok` is judged by that, or by the first where `first` is given. */
async function answerOf(dialog: Dialog, isLast: IsLast, isGood: IsLast): Promise<Answer> {
  const lines: string[] = [];
  while (lines.length < mostLines) {
    const line: DialogLine = await dialog.line();
    if (line.kind !== 'line') return line;
    lines.push(line.text);
    if (isLast(line.text)) return { kind: 'answer', ok: isGood(line.text), lines };
  }
  return { kind: 'flood' };
}

const anyLine: IsLast = () => true;

/** RFC 5321 §4.2: three digits, a hyphen while more follows. */
async function smtpAnswer(dialog: Dialog): Promise<Answer> {
  return await answerOf(
    dialog,
    (line) => !/^\d{3}-/.test(line),
    (line) => /^[23]/.test(line),
  );
}

/** How each protocol greets, tells what it can, and changes to TLS. */
export type Speech = {
  greeting(dialog: Dialog): Promise<Answer>;
  /** A greeting of this protocol, good or bad. */
  readonly speaks: RegExp;
  capabilities(dialog: Dialog, hostname: string): Promise<Answer>;
  readonly startTls: RegExp;
  upgrade(dialog: Dialog): Promise<Answer>;
};

export const speeches: { readonly [Each in Protocol]: Speech } = {
  imap: {
    greeting: (dialog) => answerOf(dialog, anyLine, (line) => /^\* (?:OK|PREAUTH)\b/i.test(line)),
    speaks: /^\* (?:OK|PREAUTH|BYE)\b/i,
    capabilities: (dialog) => imapCommand(dialog, 'a1', 'CAPABILITY'),
    startTls: /\bSTARTTLS\b/i,
    upgrade: (dialog) => imapCommand(dialog, 'a2', 'STARTTLS'),
  },
  pop: {
    greeting: (dialog) => answerOf(dialog, anyLine, (line) => line.startsWith('+OK')),
    speaks: /^(?:\+OK|-ERR)/,
    capabilities: (dialog) => popCommand(dialog, 'CAPA', true),
    startTls: /^STLS\b/im,
    upgrade: (dialog) => popCommand(dialog, 'STLS'),
  },
  smtp: {
    greeting: smtpAnswer,
    speaks: /^[245]\d\d[ -]/,
    capabilities: (dialog, hostname) => smtpCommand(dialog, `EHLO ${hostname}`),
    startTls: /^250[ -]STARTTLS\b/im,
    upgrade: (dialog) => smtpCommand(dialog, 'STARTTLS'),
  },
};

/** RFC 9051 §2.2: the answer ends with the line that has the tag. */
async function imapCommand(dialog: Dialog, tag: string, command: string): Promise<Answer> {
  dialog.send(`${tag} ${command}`);
  return await answerOf(
    dialog,
    (line) => line.startsWith(`${tag} `),
    (line) => /^\S+ OK\b/i.test(line),
  );
}

/** RFC 1939 §3: one line, or lines until a lone dot when it is good. */
export async function popCommand(dialog: Dialog, command: string, isLong = false): Promise<Answer> {
  dialog.send(command);
  const first = await answerOf(dialog, anyLine, (line) => line.startsWith('+OK'));
  if (!isLong || first.kind !== 'answer' || !first.ok) return first;
  const rest = await answerOf(dialog, (line) => line === '.', anyLine);
  return rest.kind === 'answer' ? { ...rest, lines: [...first.lines, ...rest.lines.slice(0, -1)] } : rest;
}

export async function smtpCommand(dialog: Dialog, command: string): Promise<Answer> {
  dialog.send(command);
  return await smtpAnswer(dialog);
}

/** The last line, which says how it went. */
export function lastOf(answer: Answer): string {
  return answer.kind === 'answer' ? (answer.lines.at(-1) ?? '') : answer.kind;
}
