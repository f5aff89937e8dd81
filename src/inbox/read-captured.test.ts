import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeMail } from '../compose/index.ts';
import { safeHtml } from './index.ts';
import { readCaptured } from './read-captured.ts';

function mail(lines: readonly string[]): ReturnType<typeof readCaptured> {
  return readCaptured(Buffer.from(lines.join('\r\n'), 'latin1'));
}

describe('a captured mail', () => {
  it('shows what an application asked for', () => {
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
    const made = composeMail(
      {
        from: '店 <a@example.jp>',
        to: ['b@example.com'],
        cc: [],
        replyTo: [],
        subject: '件名',
        html: '<img src="cid:p%2B1"> <img src="cid:other">',
        text: '本文',
        headers: {},
        attachments: [
          { filename: 'p.png', contentType: null, content: picture, contentId: 'p+1', inline: true },
          {
            filename: '長い名前'.repeat(20),
            contentType: 'text/html',
            content: Buffer.from('<p>'),
            contentId: null,
            inline: false,
          },
        ],
        unsubscribe: null,
      },
      { id: 'm-1', domain: 'example.jp', dateMs: 0 },
    );
    if ('failure' in made) throw new Error(made.failure);
    const read = readCaptured(made.bytes);
    expect(read.headers).toContainEqual({ name: 'subject', value: '件名' });
    expect(read.text).toBe('本文');
    expect(read.files.map(({ filename, contentType, inline }) => [filename, contentType, inline])).toEqual([
      ['p.png', 'image/png', true],
      // 255 octets at most
      ['長い名前'.repeat(20), 'text/html', false],
    ]);
    expect(read.files[0]?.content.equals(picture)).toBe(true);
    expect(safeHtml(read)).toBe(
      `<img src="data:image/png;base64,${picture.toString('base64')}"> <img src="cid:other">`,
    );
  });

  it('that carries a page as a file does not show that file', () => {
    const read = mail([
      'Content-Type: text/html',
      'Content-Disposition: attachment; filename="../../x.html"',
      '',
      '<script>alert(1)</script>',
    ]);
    expect([read.html, read.files[0]?.filename]).toEqual([null, 'x.html']);
    expect(safeHtml(read)).toBeNull();
  });

  it('puts no picture that is none into its page', () => {
    const read = mail([
      'Content-Type: multipart/related; boundary=b',
      '',
      '--b',
      'Content-Type: text/html',
      '',
      '<img src="cid:a">',
      '--b',
      'Content-Type: image/svg+xml',
      'Content-Disposition: inline; filename=a.svg',
      'Content-ID: <a>',
      '',
      '<svg onload="alert(1)"/>',
      '--b--',
    ]);
    expect(safeHtml(read)).toBe('<img src="cid:a">');
  });

  it('may be anything at all', () => {
    const piece = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\r\n',
      'Content-Type: text/html; charset=x\r\n',
      "Content-Disposition: attachment; filename*0*=utf-8''%E8%;filename=\"",
      'Content-Transfer-Encoding: base64\r\n',
      '\r\n',
      '--b\r\n',
      '--b--\r\n',
      '=?utf-8?B?zz?=',
      '\0\r',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 30 })), { maxLength: 40 }),
        (pieces) => {
          const read = readCaptured(Buffer.from(pieces.join('')));
          safeHtml(read);
          for (const { filename } of read.files) expect(filename).not.toMatch(/[/\\]/);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
