import { describe, expect, it } from 'vitest';
import { bodyText, decodeCharset, headerText, mimeLimits, readMime, type MimePart } from './index.ts';

function read(text: string): MimePart {
  return readMime(Buffer.from(text, 'latin1'));
}

function texts(part: MimePart): readonly string[] {
  return part.parts.length === 0 ? [bodyText(part, 1_000)] : part.parts.flatMap((each) => texts(each));
}

function depthOf(part: MimePart): number {
  return 1 + Math.max(0, ...part.parts.map((each) => depthOf(each)));
}

const twoParts = [
  'From: a@b.example',
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  'preamble',
  '--b',
  'Content-Type: text/plain',
  '',
  'one',
  '--b  ',
  '',
  'two',
  '--b--',
  'epilogue',
];

describe('parts', () => {
  it.each(['\n', '\r\n', '\r'])('are the same with the newline %j', (newline) => {
    expect(texts(read(twoParts.join(newline)))).toEqual(['one', 'two']);
  });

  it('are found without a closing delimiter', () => {
    expect(texts(read(twoParts.slice(0, -2).join('\n')))).toEqual(['one', 'two']);
  });

  it('are found by the delimiter that the body uses when the header names none', () => {
    const mail = 'Content-Type: multipart/mixed\n\n--x\nContent-Type: text/plain\n\none\n--x--\n';
    expect(texts(read(mail))).toEqual(['one']);
  });

  it('are messages in a digest, and in message/rfc822 also where that is encoded', () => {
    const digest = read('Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\nwords\n--b--\n');
    expect(digest.parts[0]?.mediaType).toBe('text/plain');
    const inner = Buffer.from('Subject: inner\n\nwords\n').toString('base64');
    const encoded = read(`Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n${inner}\n`);
    expect(encoded.parts[0] === undefined ? null : headerText(encoded.parts[0], 'subject')).toBe('inner');
  });

  it('nest no deeper than the limit, and are no more than the limit', () => {
    const deep = Array.from(
      { length: 500 },
      (_, n) => `Content-Type: multipart/mixed; boundary="b${n}"\n\n--b${n}\n`,
    ).join('');
    expect(depthOf(read(deep))).toBe(mimeLimits.depth + 1);
    const wide = `Content-Type: multipart/mixed; boundary=b\n\n${'--b\nA: b\n\nx\n'.repeat(900)}`;
    expect(read(wide).parts.length).toBeLessThanOrEqual(mimeLimits.parts);
  });
});

describe('a header', () => {
  it('ends at a line that is no field, when the empty line was forgotten', () => {
    const mail = read('Subject: a\nThis is text.\n');
    expect(mail.fields).toEqual([{ name: 'subject', value: 'a' }]);
    expect(mail.rawBody).toBe('This is text.\n');
  });

  it('may come behind an mbox separator and blank lines', () => {
    expect(headerText(read('From a@b.example Mon May  6 09:00:00 2024\nSubject: a\n\nx'), 'subject')).toBe(
      'a',
    );
    expect(headerText(read('\n\nSubject: a\n\nx'), 'subject')).toBe('a');
  });

  it('is unfolded, and its encoded words are put together before they are decoded', () => {
    // U+3042 cut in two within its three octets, which RFC 2047 §5 forbids and mail software does.
    const mail = read('Subject: =?UTF-8?Q?=E3=81?=\n =?UTF-8?Q?=82?= =?ISO-2022-JP?B?GyRCJCIbKEI=?=\n\nx');
    expect(headerText(mail, 'subject')).toBe('ああ');
  });

  it('has no more fields and no longer values than the limits', () => {
    const mail = read(`X-A: ${'a'.repeat(100_000)}\n${'X-B: b\n'.repeat(5_000)}\nx`);
    expect(mail.fields.length).toBe(mimeLimits.fields);
    expect(mail.fields[0]?.value.length).toBeLessThanOrEqual(mimeLimits.valueChars);
  });
});

describe('text', () => {
  const body = (type: string, encoding: string, octets: Buffer): string =>
    bodyText(
      readMime(
        Buffer.concat([
          Buffer.from(`Content-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\n\n`),
          octets,
        ]),
      ),
      10_000,
    );

  it('is decoded by transfer encoding and charset', () => {
    expect(
      body('text/plain; charset=utf-8', 'base64', Buffer.from(Buffer.from('届く\r\n').toString('base64'))),
    ).toBe('届く\n');
    expect(body('text/plain; charset=iso-8859-1', 'quoted-printable', Buffer.from('=E9t=\n=E9'))).toBe('été');
  });

  it('is read as what it is where the label lies', () => {
    const jis = Buffer.from('\u001b$BFO$/\u001b(B', 'latin1');
    expect(body('text/plain; charset=us-ascii', '7bit', jis)).toBe('届く');
    expect(
      body(
        'text/plain; charset=utf-8',
        '8bit',
        Buffer.from([0x83, 0x81, 0x81, 0x5b, 0x83, 0x8b, 0x82, 0xcd]),
      ),
    ).toBe('メールは');
    expect(body('text/plain; charset=x-nobody-knows', '8bit', Buffer.from('届く'))).toBe('届く');
    expect(body('text/plain', '8bit', Buffer.from([0x63, 0x61, 0x66, 0xe9]))).toBe('café');
  });

  it('is read in UTF-7, and an address with a plus sign stays one', () => {
    const type = 'text/plain; charset=unicode-1-1-utf-7';
    const written = '+ANw-bermittlung +MIEwjDBv- an ann+news@rcpt.example 1 +- 1';
    expect(body(type, '7bit', Buffer.from(written))).toBe(
      'Übermittlung めれは an ann+news@rcpt.example 1 + 1',
    );
  });

  it('never throws on octets of any kind', () => {
    const octets = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
    for (const charset of ['utf-8', 'iso-2022-jp', 'utf-16', 'utf-7', 'gb18030', 'none', ''])
      expect(decodeCharset(octets, charset).length).toBeGreaterThan(0);
  });
});
