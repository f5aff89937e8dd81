import { createWriteStream, mkdirSync } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import type { ReceivedMessage } from './smtp/index.ts';

/** Where kept messages go: nowhere, or to one mbox file per provider. */
export type Mailbox = {
  readonly wantsContent: boolean;
  keeper(provider: string): (message: ReceivedMessage) => void;
  close(): Promise<void>;
};

export function createMailbox(folder: string | null): Mailbox {
  if (folder === null) {
    return { wantsContent: false, keeper: () => () => undefined, close: () => Promise.resolve() };
  }
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, WriteStream>();
  return {
    wantsContent: true,
    keeper: (provider) => (message) => {
      const file = files.get(provider) ?? createWriteStream(join(folder, `${provider}.mbox`), { flags: 'a' });
      files.set(provider, file);
      file.write(toMbox(message));
    },
    async close() {
      for (const file of files.values()) file.end();
      await Promise.all([...files.values()].map((file) => finished(file)));
    },
  };
}

/** RFC 4155 with `>From ` quoting; the envelope goes in front as fields, as a delivering agent would write them. */
function toMbox(message: ReceivedMessage): Buffer {
  const body = (message.content ?? Buffer.alloc(0))
    .toString('latin1')
    .replaceAll('\r\n', '\n')
    .replaceAll(/^(>*From )/gm, '>$1');
  const envelope = [
    `Return-Path: <${message.from}>`,
    ...message.recipients.map((to) => `Delivered-To: ${to}`),
  ];
  // The asctime of RFC 4155 has no place for a zone; a fixed date keeps the files of two runs equal.
  const separator = `From ${message.from || 'MAILER-DAEMON'} Thu Jan  1 00:00:00 1970\n`;
  return Buffer.concat([
    Buffer.from(`${separator}${envelope.join('\n')}\n`, 'utf8'),
    Buffer.from(`${body}\n`, 'latin1'),
  ]);
}
