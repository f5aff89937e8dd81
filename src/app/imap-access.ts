import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { AppError } from '../base/index.ts';
import type { Config, ImapMailbox } from '../config/index.ts';
import type { ImapAccess } from '../inbound/index.ts';

/** The mailboxes of the configuration, with their passwords read. */
export function imapAccesses(config: Config): readonly ImapAccess[] {
  const { tlsCa } = config.delivery;
  const authorities = tlsCa === null ? null : [...rootCertificates, readFileSync(tlsCa, 'utf8')];
  return config.inbound.imap.map((mailbox) => ({ ...mailbox, password: passwordOf(mailbox), authorities }));
}

function passwordOf({ passwordFile }: ImapMailbox): string {
  let password: string;
  try {
    password = readFileSync(passwordFile, 'utf8').replace(/\r?\n[\s\S]*$/, '');
  } catch (error) {
    throw unusable(passwordFile, error);
  }
  if (password === '') throw unusable(passwordFile);
  return password;
}

function unusable(file: string, cause?: unknown): AppError {
  return new AppError({
    code: 'imap-password-unreadable',
    message: {
      ja: `inbound.imap の passwordFile ${file} を読めないか、空です`,
      en: `passwordFile ${file} (inbound.imap) cannot be read or is empty`,
    },
    hint: {
      ja: '1 行目にパスワードを書き、Todoku のユーザーが読めるようにしてください（chmod 600）',
      en: 'write the password on its first line and let the user of Todoku read it (chmod 600)',
    },
    cause,
  });
}
