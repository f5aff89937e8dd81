import { simpleParser } from 'mailparser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyOctets, bodyText, headerText, readMime } from '../protocol/mime/index.ts';
import type { MimePart } from '../protocol/mime/index.ts';
import { composeMail } from './index.ts';
import type { ComposedMail, MailAttachment, MailRequest } from './index.ts';

const stamp = { id: 'm-01jd3q9k2v-7xw4m', domain: 'mail.example.jp', dateMs: 1_767_225_600_000 };

function request(parts: Partial<MailRequest> = {}): MailRequest {
  return {
    from: 'お店 <shop@example.jp>',
    to: ['taro@example.com'],
    cc: [],
    replyTo: [],
    subject: 'ご注文の確認',
    html: '<p>ありがとう <b>ございます</b></p>',
    text: 'ありがとうございます',
    headers: {},
    attachments: [],
    unsubscribe: null,
    ...parts,
  };
}

function file(parts: Partial<MailAttachment> = {}): MailAttachment {
  const content = Buffer.from('content');
  return { filename: 'a.pdf', contentType: null, content, contentId: null, inline: false, ...parts };
}

function composed(parts: Partial<MailRequest> = {}): ComposedMail {
  const mail = composeMail(request(parts), stamp);
  if ('failure' in mail) throw new Error(mail.failure);
  return mail;
}

function refused(parts: Partial<MailRequest>): string | undefined {
  const mail = composeMail(request(parts), stamp);
  if ('bytes' in mail) throw new Error('it was made');
  expect(mail.text?.ja).not.toBe('');
  return mail.field;
}

function leaves(part: MimePart): readonly MimePart[] {
  return part.parts.length === 0 ? [part] : part.parts.flatMap((each) => leaves(each));
}

function shape(part: MimePart): string {
  const inside = part.parts.map((each) => shape(each)).join(', ');
  return inside === '' ? part.mediaType : `${part.mediaType.replace('multipart/', '')}(${inside})`;
}

describe('the layout of a mail', () => {
  const picture = file({ filename: 'l.png', contentId: 'logo', inline: true });
  const shown = '<img src="cid:logo">';
  it.each<[Partial<MailRequest>, string]>([
    [{ html: null }, 'text/plain'],
    [{}, 'alternative(text/plain, text/html)'],
    [{ text: null }, 'alternative(text/plain, text/html)'],
    [{ attachments: [file()] }, 'mixed(alternative(text/plain, text/html), application/pdf)'],
    [{ html: null, attachments: [file()] }, 'mixed(text/plain, application/pdf)'],
    [{ html: null, text: null, attachments: [file()] }, 'mixed(text/plain, application/pdf)'],
    [{ html: shown, attachments: [picture] }, 'alternative(text/plain, related(text/html, image/png))'],
    [
      { html: shown, attachments: [file(), picture] },
      'mixed(alternative(text/plain, related(text/html, image/png)), application/pdf)',
    ],
    [{ html: null, attachments: [picture] }, 'mixed(text/plain, image/png)'],
    [
      { html: shown, attachments: [{ ...picture, inline: false }] },
      'alternative(text/plain, related(text/html, image/png))',
    ],
  ])('%#: has no level too many', (parts, wanted) => {
    const root = readMime(composed(parts).bytes);
    expect(shape(root)).toBe(wanted);
  });

  it('has the text of the HTML when none is given', () => {
    const [text] = leaves(readMime(composed({ text: null }).bytes));
    expect(text === undefined ? '' : bodyText(text, 100)).toBe('ありがとう ございます');
  });
});

describe('a composed mail', () => {
  it('reads back in another parser: names, texts, files', async () => {
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) >> 3));
    const { bytes } = composed({
      to: ['"山田, 太郎" <taro@example.com>', 'hanako@例え.jp'],
      cc: ['c@example.com'],
      replyTo: ['受付 <desk@example.jp>'],
      headers: { 'X-Order': '注文 42', References: '<a@b.example> <c@d.example>' },
      attachments: [
        file({ filename: '請求書 2026年11月.pdf', content }),
        file({ filename: 'e.txt', content: Buffer.alloc(0) }),
      ],
      unsubscribe: { url: 'https://example.jp/u/1', mailto: 'u@example.jp' },
    });
    const mail = await simpleParser(bytes);
    expect(mail.from?.value).toEqual([{ name: 'お店', address: 'shop@example.jp' }]);
    expect([mail.to].flat()[0]?.value.map(({ name }) => name)).toEqual(['山田, 太郎', '']);
    expect(mail.replyTo?.value[0]?.name).toBe('受付');
    expect(mail.subject).toBe('ご注文の確認');
    expect(mail.messageId).toBe('<m-01jd3q9k2v-7xw4m@mail.example.jp>');
    expect(mail.date?.getTime()).toBe(stamp.dateMs);
    expect(headerText(readMime(bytes), 'x-order')).toBe('注文 42');
    expect(mail.references).toEqual(['<a@b.example>', '<c@d.example>']);
    expect(mail.html).toBe('<p>ありがとう <b>ございます</b></p>');
    expect(mail.text?.trim()).toBe('ありがとうございます');
    expect(mail.attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
      ['請求書 2026年11月.pdf', 'application/pdf'],
      ['e.txt', 'text/plain'],
    ]);
    expect(mail.attachments[0]?.content.equals(content)).toBe(true);
    expect(mail.attachments[1]?.content.length).toBe(0);
    expect(mail.headerLines.find(({ key }) => key === 'list-unsubscribe-post')).toBeDefined();
  });

  it('has CRLF line ends of at most 998 octets, and ends in one, whatever comes in', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(texts, texts, fc.uint8Array({ maxLength: 500 }), (text, html, octets) => {
        const { bytes } = composed({
          text,
          html,
          attachments: [file({ filename: text, content: Buffer.from(octets) })],
        });
        const source = bytes.toString('latin1');
        expect(source.endsWith('\r\n')).toBe(true);
        expect(/[^\r]\n|\r[^\n]|[^\x20-\x7e\r\n]/.test(source)).toBe(false);
        expect(Math.max(...source.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
        const parts = leaves(readMime(bytes));
        expect(parts).toHaveLength(3);
        expect(bodyOctets(parts.at(-1)!, 1_000).equals(Buffer.from(octets))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('needs SMTPUTF8 for a local part beyond ASCII, and says so', () => {
    expect(composed({ to: ['太郎@example.jp'] })).toMatchObject({ eightBit: true, smtpUtf8: true });
    expect(composed()).toMatchObject({ eightBit: false, smtpUtf8: false });
  });

  it('keeps a mail for hidden recipients only readable', () => {
    expect(headerText(readMime(composed({ to: [] }).bytes), 'to')).toBe('undisclosed-recipients:;');
  });

  it('carries a mail as octets, since an encoding is forbidden there', () => {
    const content = Buffer.from('Subject: inner\r\n\r\nwords');
    const { bytes } = composed({
      attachments: [file({ filename: 'm.eml', contentType: 'message/rfc822', content })],
    });
    const last = leaves(readMime(bytes)).at(-1);
    expect(last?.mediaType).toBe('application/octet-stream');
    expect(last === undefined ? null : bodyOctets(last, 1_000)).toEqual(content);
  });
});

describe('what cannot start a header field', () => {
  const wicked = fc
    .tuple(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\r\n', '\n', '\r', '\0', '\u2028', '\u0085', '\r\n\r\n', ''),
    )
    .map(([text, lineEnd]) => `${text}${lineEnd}Bcc: eve@evil.example`);

  it('any value of a request: it is refused, or the mail has the fields it would have had', () => {
    fc.assert(
      fc.property(wicked, fc.nat(7), (value, where) => {
        const places: readonly Partial<MailRequest>[] = [
          { from: value },
          { to: [value] },
          { subject: value },
          { headers: { 'X-A': value } },
          { headers: { [value]: 'a' } },
          { replyTo: [value] },
          { attachments: [file({ filename: value })] },
          { attachments: [file({ contentType: `text/plain; charset="${value}"`, contentId: value })] },
        ];
        const mail = composeMail(request(places[where]), stamp);
        if ('failure' in mail) return;
        const all = [readMime(mail.bytes), ...leaves(readMime(mail.bytes))];
        expect(all.flatMap(({ fields }) => fields).some(({ name }) => name === 'bcc')).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, Partial<MailRequest>]>([
    ['from', { from: 'a@b.example\r\nBcc: c@d.example' }],
    ['from', { from: 'a@b.example, c@d.example' }],
    ['to/1', { to: ['a@b.example', 'nobody'] }],
    ['to', { to: Array.from({ length: 1_001 }, () => 'a@b.example') }],
    ['subject', { subject: 'a\nb' }],
    ['headers/Bcc', { headers: { Bcc: 'a@b.example' } }],
    ['headers/content-type', { headers: { 'content-type': 'text/plain' } }],
    ['headers/DKIM-Signature', { headers: { 'DKIM-Signature': 'v=1' } }],
    ['headers/X A', { headers: { 'X A': 'b' } }],
    ['headers/X-A', { headers: { 'X-A': 'a\rb' } }],
    ['headers/References', { headers: { References: 'x'.repeat(901) } }],
    ['headers', { headers: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`X-${n}`, 'a'])) }],
    ['attachments', { attachments: Array.from({ length: 1_000 }, () => file()) }],
    ['attachments/0/contentType', { attachments: [file({ contentType: 'text/plain\r\nBcc: a@b.example' })] }],
    ['attachments/0/contentType', { attachments: [file({ contentType: '' })] }],
    ['attachments/0/contentId', { attachments: [file({ contentId: 'a>\r\nb' })] }],
    ['attachments/1/contentId', { attachments: [file({ contentId: 'a' }), file({ contentId: 'a' })] }],
    ['attachments/0/filename', { attachments: [file({ filename: 'x'.repeat(4_001) })] }],
    ['headers/x-a', { headers: { 'X-A': 'a', 'x-a': 'b' } }],
    [
      'headers/List-Unsubscribe',
      {
        headers: { 'List-Unsubscribe': '<https://a.example/>' },
        unsubscribe: { url: 'https://b.example/', mailto: 'a@b.example' },
      },
    ],
    ['unsubscribe', { unsubscribe: { url: 'javascript:1', mailto: 'a@b.example' } }],
    ['text', { html: null, text: null }],
    ['html', { html: '<div>'.repeat(100_000), text: null }],
    ['html', { html: 'x'.repeat(1_000_001), text: null }],
  ])('%s', (field, parts) => {
    expect(refused(parts)).toBe(field);
  });

  it('refuses a mail that nobody would take', () => {
    const mail = composeMail(request({ attachments: [file({ content: Buffer.alloc(40_000_000) })] }), stamp);
    expect(mail).toHaveProperty('failure', expect.stringContaining('52428800'));
  });
});
