import * as fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import {
  encodeQuotedPrintable,
  QuotedPrintableWriter,
  quotedPrintablePiece,
  findControl,
  formatAddress,
  formatDate,
  formatMailbox,
  formatMessageId,
  formatParameter,
  isMessageId,
  mailboxField,
  oneLine,
  parseMailbox,
  readAddress,
  textField,
  tokenField,
} from './index.ts';
import type { HeaderField } from './index.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        '\r',
        '\n',
        '\0',
        ' ',
        '=?',
        '?=',
        'Bcc: x@y',
        '届',
        'く',
        'a',
        ',',
        '"',
        '\\',
        '\ud800',
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join('')),
);

async function parse(fields: readonly HeaderField[]): Promise<Awaited<ReturnType<typeof simpleParser>>> {
  return await simpleParser(`${fields.map((field) => field.line).join('\r\n')}\r\n\r\nbody\r\n`);
}

function expectWellFolded(field: HeaderField): void {
  for (const line of field.line.split('\r\n')) {
    expect(line.length).toBeLessThanOrEqual(78);
    expect(findControl(line)).toBeNull();
    for (const word of line.match(/=\?\S*\?=/g) ?? []) expect(word.length).toBeLessThanOrEqual(75);
  }
  for (const line of field.line.split('\r\n').slice(1)) expect(line).toMatch(/^ \S/);
}

/** mailparser collapses runs of white space in plain headers, as people see them. */
function seen(text: string): string {
  return oneLine(text).trim();
}

describe('textField', () => {
  it('leaves plain text as it is', () => {
    expect(textField('Subject', 'Hello world').line).toBe('Subject: Hello world');
  });

  it('encodes Japanese as B and mostly-ASCII text as Q', () => {
    expect(textField('Subject', '秋のお知らせ').line).toBe('Subject: =?utf-8?B?56eL44Gu44GK55+l44KJ44Gb?=');
    expect(textField('Subject', 'Our best café in town').line).toBe(
      'Subject: =?utf-8?Q?Our_best_caf=C3=A9_in_town?=',
    );
  });

  it('folds long plain text at spaces', () => {
    const field = textField('Subject', 'word '.repeat(60));
    expectWellFolded(field);
    expect(field.line.split('\r\n').length).toBeGreaterThan(3);
  });

  it('cannot be made to start another field, and reads back as meant', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const field = textField('Subject', text);
        expectWellFolded(field);
        const mail = await parse([field, tokenField('X-After', ['here'])]);
        // mailparser leaves an empty field out.
        expect([...mail.headers.keys()]).toEqual(seen(text) === '' ? ['x-after'] : ['subject', 'x-after']);
        expect(mail.headers.get('subject') ?? '').toBe(seen(text));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a field name that is none, as a bug', () => {
    expect(() => textField('Sub\r\nject', 'x')).toThrow(TypeError);
  });
});

describe('mailboxField', () => {
  it('reads back the name and the address, whatever the name', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (name) => {
        const address = { localPart: 'news', domain: 'docomo.ne.jp' };
        const field = mailboxField('From', [{ displayName: name, address }]);
        expectWellFolded(field);
        const mail = await parse([field, tokenField('X-After', ['here'])]);
        expect([...mail.headers.keys()]).toEqual(['from', 'x-after']);
        expect(mail.from?.value).toEqual([{ address: 'news@docomo.ne.jp', name: seen(name) }]);
      }),
      { numRuns: 300 },
    );
  });

  it('writes several mailboxes', async () => {
    const field = mailboxField('Cc', [
      { displayName: 'Doe, J.', address: { localPart: 'j', domain: 'example.com' } },
      { displayName: '届く', address: { localPart: 't', domain: 'example.jp' } },
    ]);
    const mail = await parse([field]);
    const cc = Array.isArray(mail.cc) ? mail.cc[0] : mail.cc;
    expect(cc?.value).toEqual([
      { name: 'Doe, J.', address: 'j@example.com' },
      { name: '届く', address: 't@example.jp' },
    ]);
  });

  it('marks a field that needs SMTPUTF8', () => {
    const address = { localPart: '用户', domain: 'example.com' };
    expect(mailboxField('To', [{ displayName: null, address }]).utf8).toBe(true);
    expect(mailboxField('To', [{ displayName: '用户', address: { ...address, localPart: 'u' } }]).utf8).toBe(
      false,
    );
  });
});

function problemOf(text: string): string {
  const parsed = parseMailbox(text);
  return parsed.ok ? 'none' : parsed.problem;
}

describe('parseMailbox', () => {
  it('takes a name and an internationalised domain', () => {
    expect(parseMailbox('届く <a@例え.jp>')).toEqual({
      ok: true,
      mailbox: { displayName: '届く', address: { localPart: 'a', domain: 'xn--r8jz45g.jp' } },
    });
  });

  it.each([
    ['a@example.com', null, { localPart: 'a', domain: 'example.com' }],
    ['<a@Example.COM>', null, { localPart: 'a', domain: 'example.com' }],
    ['"Doe, \\"J\\"" <j@example.com>', 'Doe, "J"', { localPart: 'j', domain: 'example.com' }],
    ['山田(営業) <y@example.jp>', '山田(営業)', { localPart: 'y', domain: 'example.jp' }],
    ['"a b"@example.com', null, { localPart: 'a b', domain: 'example.com' }],
    ['a..b.@docomo.ne.jp', null, { localPart: 'a..b.', domain: 'docomo.ne.jp' }],
  ])('takes %s', (text, displayName, address) => {
    expect(parseMailbox(text)).toEqual({
      ok: true,
      mailbox: { displayName, address },
    });
  });

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['news', 'no-domain'],
    ['Shop <news>', 'no-domain'],
    ['news@', 'no-domain'],
    ['a@b.jp, c@d.jp', 'several'],
    ['A <a@b.jp>, C <c@d.jp>', 'several'],
    ['a@b.jp c@d.jp', 'several'],
    ['A\r\nBcc: x@y.jp <a@b.jp>', 'control-character'],
    ['A <a@b.jp', 'malformed'],
    ['a@exa mple.jp', 'bad-domain'],
    ['a@-x.jp', 'bad-domain'],
    ['a@x..jp', 'bad-domain'],
    ['a@192.0.2.1', 'bad-domain'],
    ['a b@example.jp', 'bad-local-part'],
    [`${'a'.repeat(65)}@example.jp`, 'too-long'],
  ])('refuses %j: %s', (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  it('reads what formatMailbox wrote, for addresses of ASCII names', () => {
    const names = fc.string({ maxLength: 40 }).map((name) => name.trim().replaceAll(/ +/g, ' '));
    fc.assert(
      fc.property(names, (name) => {
        fc.pre(!name.includes('=?'));
        const mailbox = {
          displayName: name === '' ? null : name,
          address: { localPart: 'x', domain: 'example.jp' },
        };
        expect(parseMailbox(formatMailbox(mailbox))).toEqual({ ok: true, mailbox });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parseMailbox(text)).toHaveProperty('ok');
      }),
    );
  });
});

describe('addresses', () => {
  it('quotes local parts that RFC 5321 does not take bare, and reads them back', () => {
    expect(formatAddress({ localPart: 'a..b', domain: 'docomo.ne.jp' })).toBe('"a..b"@docomo.ne.jp');
    expect(formatAddress({ localPart: '.a', domain: 'docomo.ne.jp' })).toBe('".a"@docomo.ne.jp');
    expect(formatAddress({ localPart: 'a"\\', domain: 'x.jp' })).toBe('"a\\"\\\\"@x.jp');
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (localPart) => {
        const address = { localPart, domain: 'x.jp' };
        expect(readAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });
});

describe('formatDate', () => {
  it('writes UTC and offsets', () => {
    const ms = Date.UTC(2026, 0, 1, 15, 4, 5);
    expect(formatDate(ms)).toBe('Thu, 01 Jan 2026 15:04:05 +0000');
    expect(formatDate(ms, 540)).toBe('Fri, 02 Jan 2026 00:04:05 +0900');
    expect(formatDate(ms, -210)).toBe('Thu, 01 Jan 2026 11:34:05 -0330');
  });
});

describe('Message-ID', () => {
  it('accepts the plain form only', () => {
    expect(isMessageId('<01k.x-1@example.jp>')).toBe(true);
    for (const bad of ['a@b', '<a b@c>', '<a@b@c>', '<a@>', '<a@b>\r\nBcc: x', '<@b>'])
      expect(isMessageId(bad)).toBe(false);
    expect(formatMessageId('a', 'b.jp')).toBe('<a@b.jp>');
    expect(() => formatMessageId('a\r\n', 'b.jp')).toThrow(TypeError);
  });
});

describe('formatParameter', () => {
  it('uses RFC 2231 where it must', () => {
    expect(formatParameter('filename', 'a.pdf')).toEqual(['filename=a.pdf']);
    expect(formatParameter('filename', 'a "b".pdf')).toEqual(['filename="a \\"b\\".pdf"']);
    expect(formatParameter('filename', '請求.pdf')).toEqual(["filename*=utf-8''%E8%AB%8B%E6%B1%82.pdf"]);
  });

  it('reads back in mailparser', async () => {
    const name = '請求書'.repeat(12) + '.pdf';
    const parameters = formatParameter('filename', name);
    const field = tokenField('Content-Disposition', [
      'attachment;',
      ...parameters.map((part, index) => (index < parameters.length - 1 ? `${part};` : part)),
    ]);
    expectWellFolded(field);
    const mail = await parse([tokenField('Content-Type', ['application/pdf']), field]);
    expect(mail.attachments[0]?.filename).toBe(name);
  });
});

/** A second decoder, written from RFC 2045 §6.7 alone. */
function decodeQuotedPrintable(body: Buffer): string {
  const text = body.toString('latin1').replaceAll(/=\r\n/g, '');
  const octets = text.replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(octets, 'latin1').toString('utf8');
}

describe('encodeQuotedPrintable', () => {
  const bodyText = fc.oneof(
    anyText,
    fc
      .array(
        fc.constantFrom(
          ' ',
          '  ',
          '\t',
          '\r\n',
          '\n',
          '\r',
          '.',
          '..',
          '=',
          '=_',
          'From ',
          'あ',
          'x'.repeat(74),
          'x'.repeat(76),
          'y',
        ),
        { maxLength: 80 },
      )
      .map((parts) => parts.join('')),
  );

  it('decodes to the text with its line ends normalised, and keeps its promises', () => {
    fc.assert(
      fc.property(bodyText, (text) => {
        const encoded = encodeQuotedPrintable(text);
        expect(decodeQuotedPrintable(encoded)).toBe(text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n'));
        const raw = encoded.toString('latin1');
        expect(raw).toMatch(/^[\x20-\x7e\r\n]*$/);
        expect(raw).not.toContain('=_');
        expect(raw).not.toContain('  ');
        for (const line of raw.split('\r\n')) {
          expect(line.length).toBeLessThanOrEqual(76);
          expect(line).not.toMatch(/^\.|[\r\n]| $/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps room for a soft break after the last character', () => {
    expect(encodeQuotedPrintable('x'.repeat(75)).toString()).toBe('x'.repeat(75));
    expect(encodeQuotedPrintable('x'.repeat(76)).toString()).toBe(`${'x'.repeat(75)}=\r\nx`);
  });

  // Whatever is cut where, in pieces or values: line ends, spaces and characters meet across the cuts.
  it('joins pieces and texts to what decodes as one text', () => {
    const cut = fc.oneof(
      bodyText,
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        ' ',
        '.',
        '',
        '\ud83d',
        '\ude00',
        '😀',
        'x'.repeat(75),
        'あ'.repeat(3_000),
      ),
    );
    const part = fc.record({ text: cut, as: fc.constantFrom('piece', 'text', 'html') });
    const writer = new QuotedPrintableWriter();
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        writer.clear();
        for (const { text, as } of parts) {
          if (as === 'piece') writer.piece(quotedPrintablePiece(text));
          else writer.text(text, as === 'html');
        }
        writer.endText();
        const whole = parts.map(({ text, as }) => (as === 'html' ? escapeHtml(text) : text)).join('');
        const raw = writer.written.toString('latin1');
        expect(decodeQuotedPrintable(writer.written)).toBe(
          whole.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n'),
        );
        expect(raw).not.toMatch(/=_| {2}|[^\x20-\x7e\r\n]/);
        for (const line of raw.split('\r\n')) {
          expect(line.length).toBeLessThanOrEqual(76);
          expect(line).not.toMatch(/^\.|[\r\n]| $/);
        }
      }),
      { numRuns: 600 },
    );
  });
});

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&#34;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
