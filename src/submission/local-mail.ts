import { formatAddress, mailboxField, parseMailboxList, readAddress } from '../protocol/message/index.ts';
import type { Mailbox } from '../protocol/message/index.ts';
import { readHeaderBlock, valueOf } from './header-block.ts';
import type { HeaderLine } from './header-block.ts';
import type { Refusal } from '../net/smtp-server/index.ts';
import { refusals } from './refusals.ts';

/** A mail as a program of this machine writes it to `sendmail`: lines end with LF, and much may be missing. */
export type LocalMail = {
  readonly input: Buffer;
  readonly recipients: readonly string[];
  /** Also those in To, Cc and Bcc. */
  readonly fromHeader: boolean;
  /** A line of a single dot does not end it. */
  readonly ignoreDots: boolean;
  /** `-f`; null: not said. */
  readonly sender: string | null;
  readonly fullName: string | null;
  /** Who is From where nobody is: an address. */
  readonly usual: string;
};

export type LocalReading =
  | {
      readonly ok: true;
      /** CRLF, with From. */
      readonly bytes: Buffer;
      /** As they were given; empty: nobody. */
      readonly recipients: readonly string[];
      /** Address of the first From. */
      readonly author: string;
    }
  | { readonly ok: false; readonly refusal: Refusal };

const recipientFields = new Set(['to', 'cc', 'bcc']);

/** What `sendmail -t` does with its input before it hands it over. */
export function readLocalMail(mail: LocalMail): LocalReading {
  const text = withNetworkLineEnds(mail.input, mail.ignoreDots);
  const { header, body } = divided(text);
  const block = readHeaderBlock(header);
  if (!block.ok) return block;
  const recipients = [...mail.recipients];
  if (mail.fromHeader) {
    const found = recipientsIn(block.fields);
    if (found === null) return { ok: false, refusal: refusals.badRecipient };
    recipients.push(...found);
  }
  const from = block.fields.find(({ name }) => name === 'from');
  const known = from === undefined ? null : (parseMailboxList(valueOf(from))?.[0]?.address ?? null);
  if (from !== undefined && known === null) return { ok: false, refusal: refusals.noAuthor };
  if (known !== null) return { ok: true, bytes: text, recipients, author: formatAddress(known) };
  const author = authorOf(mail);
  if (author === null) return { ok: false, refusal: refusals.noAuthor };
  const bytes = Buffer.concat([Buffer.from(`${mailboxField('From', [author]).line}\r\n`), header, body]);
  return { ok: true, bytes, recipients, author: formatAddress(author.address) };
}

function authorOf({ sender, usual, fullName }: LocalMail): Mailbox | null {
  const address = readAddress(sender === null || sender === '' ? usual : sender);
  return typeof address === 'string' ? null : { displayName: fullName, address };
}

function recipientsIn(fields: readonly HeaderLine[]): readonly string[] | null {
  const found: string[] = [];
  for (const field of fields) {
    if (!recipientFields.has(field.name)) continue;
    const mailboxes = parseMailboxList(valueOf(field));
    if (mailboxes === null) return null;
    found.push(...mailboxes.map(({ address }) => formatAddress(address)));
  }
  return [...new Set(found)];
}

/** Every CR LF, LF or CR becomes one CR LF; programs mix them (PHP's mail() with CR LF in its headers). */
function withNetworkLineEnds(input: Buffer, ignoreDots: boolean): Buffer {
  let text = input.toString('latin1');
  if (!ignoreDots) {
    const dot = /(?:^|\n)\.\r?(?:\n|$)/.exec(text);
    if (dot !== null) text = text.slice(0, dot.index + (dot[0].startsWith('\n') ? 1 : 0));
  }
  const lines = text.replaceAll(/\r\n|\n|\r/g, '\r\n');
  return Buffer.from(lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`, 'latin1');
}

/** A text whose first line is no field is all body, as sendmail has it. */
function divided(text: Buffer): { readonly header: Buffer; readonly body: Buffer } {
  const isHeader = /^[!-9;-~]{1,100}:/.test(text.toString('latin1', 0, 102));
  if (!isHeader) {
    const isEmptyHeader = text.toString('latin1', 0, 2) === '\r\n';
    return {
      header: Buffer.alloc(0),
      body: isEmptyHeader ? text : Buffer.concat([Buffer.from('\r\n'), text]),
    };
  }
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return { header: text, body: Buffer.alloc(0) };
  return { header: text.subarray(0, end + 2), body: text.subarray(end + 2) };
}
