import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { createRouter, sendAlone } from '../delivery/index.ts';
import type { MessageFacts } from '../delivery/index.ts';
import type { Outcome } from '../events/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import { sign } from '../protocol/dkim/index.ts';
import {
  encodeQuotedPrintable,
  formatDate,
  formatMessageId,
  mailboxField,
  parseMailbox,
  textField,
  tokenField,
} from '../protocol/message/index.ts';
import type { Address, HeaderField } from '../protocol/message/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { connectionSettings } from './delivery-engine.ts';
import { senderOf, signersOf } from './sender.ts';

export type TestMailParts = {
  readonly config: Config;
  readonly store: Pick<Store, 'campaigns'>;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Sends one short mail to the recipient of a message, on a session of its own; what became of it. Never rejects. */
export async function sendTestMail(
  parts: TestMailParts,
  message: MessageFacts,
  link: string,
): Promise<Outcome> {
  const { config, resolver, clock, random } = parts;
  const { dial, sources, settings } = connectionSettings(config, clock);
  const [source = { ip: null, hostname: config.delivery.hostname }] = sources;
  const { routes, port } = config.delivery;
  const router = createRouter({ resolver, routes, port, clock, random });
  const { returnPath } = senderOf(config, { domain: message.senderDomain });
  return await sendAlone(
    {
      body: testMail(parts, message, link),
      dotSafe: false,
      eightBit: false,
      smtpUtf8: false,
      // A bounce of it must not count as one of the message that is missed.
      from: `bounce@${returnPath}`,
      to: message.address,
    },
    {
      router,
      resolver,
      dial,
      clock,
      settings: { ...settings, localAddress: source.ip, hostname: source.hostname },
    },
  );
}

function testMail(parts: TestMailParts, message: MessageFacts, link: string): Buffer {
  const { config, clock } = parts;
  const dateMs = clock.now();
  const headers: readonly HeaderField[] = [
    mailboxField('From', [{ displayName: null, address: senderAddress(parts, message) }]),
    mailboxField('To', [{ displayName: null, address: addressOf(message.address) }]),
    textField('Subject', '試しのメールです / This is a test mail'),
    tokenField('Date', [formatDate(dateMs)]),
    tokenField('Message-ID', [formatMessageId(`test.${message.id}.${dateMs}`, message.senderDomain)]),
    // RFC 3834 §5: nobody's automatic reply answers it.
    tokenField('Auto-Submitted', ['auto-generated']),
    tokenField('MIME-Version', ['1.0']),
    tokenField('Content-Type', ['text/plain;', 'charset=utf-8']),
    tokenField('Content-Transfer-Encoding', ['quoted-printable']),
  ];
  const body = encodeQuotedPrintable(textOf(message, link));
  const signatures = sign({ headers, body }, signersOf(config, message.senderDomain), dateMs / 1000);
  const lines = [...signatures, ...headers].map(({ line }) => `${line}\r\n`);
  return Buffer.concat([Buffer.from(`${lines.join('')}\r\n`), body]);
}

/** That of the mail that is missed, so that it meets the same filters; a bare address, as names are of no use here. */
function senderAddress({ store }: TestMailParts, message: MessageFacts): Address {
  const parsed = parseMailbox(store.campaigns.byName(message.campaign)?.content.from ?? '');
  // RFC 2142 §5: every domain that sends has it.
  return parsed.ok ? parsed.mailbox.address : { localPart: 'postmaster', domain: message.senderDomain };
}

/** A stored address is as meant, unquoted: its local part may hold what only a quoted one can. */
function addressOf(text: string): Address {
  const at = text.lastIndexOf('@');
  return { localPart: text.slice(0, at), domain: text.slice(at + 1) };
}

function textOf({ senderDomain }: MessageFacts, link: string): string {
  return [
    `${senderDomain} からのメールが届くかどうかを確かめるための、試しのメールです。`,
    'ご依頼により 1 通だけお送りしました。届いたことを次のページでお知らせください。',
    link,
    '',
    `This is the test mail that you asked for, to see whether mail from ${senderDomain} arrives.`,
    'Please say on this page that it came:',
    link,
    '',
  ].join('\r\n');
}
