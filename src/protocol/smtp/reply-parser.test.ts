import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplyParser } from './reply-parser.ts';
import type { MalformedReply } from './reply-parser.ts';
import type { Reply } from './reply.ts';

function parse(chunks: readonly (string | Buffer)[], parser = new ReplyParser()): (Reply | MalformedReply)[] {
  const found: (Reply | MalformedReply)[] = [];
  for (const chunk of chunks) {
    parser.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
    for (let reply = parser.next(); reply !== null; reply = parser.next()) found.push(reply);
  }
  return found;
}

describe('ReplyParser', () => {
  it('reads a plain reply and its enhanced status', () => {
    expect(parse(['550 5.1.1 no such user\r\n'])).toEqual([
      { code: 550, status: '5.1.1', lines: ['5.1.1 no such user'] },
    ]);
  });

  it('joins the lines of a multi-line reply', () => {
    expect(parse(['250-mx.example\r\n250-SIZE 100\r\n250 PIPELINING\r\n'])).toEqual([
      { code: 250, status: null, lines: ['mx.example', 'SIZE 100', 'PIPELINING'] },
    ]);
  });

  it.each([
    ['250\r\n', ['']],
    ['250 \r\n', ['']],
    ['250-\r\n250\r\n', ['', '']],
    ['250 bare line feed\n', ['bare line feed']],
  ])('understands %j', (bytes, lines) => {
    expect(parse([bytes])).toEqual([{ code: 250, status: null, lines }]);
  });

  it('lets the last code of a reply win and notes it', () => {
    const [reply] = parse(['250-fine\r\n550 5.7.1 not fine\r\n']);
    expect(reply).toEqual({ code: 550, status: null, lines: ['fine', '5.7.1 not fine'], codesDiffer: true });
    expect(parse(['250-a\r\n250 b\r\n'])[0]).not.toHaveProperty('codesDiffer');
  });

  it('forgets differing codes with the reply that had them', () => {
    const replies = parse(['250-a\r\n251-b\r\n250 c\r\n250-d\r\n250 e\r\n']);
    expect(replies.map((reply) => 'codesDiffer' in reply)).toEqual([true, false]);
  });

  it.each([
    ['HTTP/1.1 400 Bad Request\r\n', 'line does not start with a reply code from 200 to 599'],
    ['\r\n', 'line does not start with a reply code from 200 to 599'],
    ['25\r\n', 'line does not start with a reply code from 200 to 599'],
    ['199 too low\r\n', 'line does not start with a reply code from 200 to 599'],
    ['600 too high\r\n', 'line does not start with a reply code from 200 to 599'],
    ['2x0 no\r\n', 'line does not start with a reply code from 200 to 599'],
    ['250OK\r\n', 'no separator after the reply code'],
    ['250-one\r\n250_two\r\n', 'no separator after the reply code'],
    [`250 ${'x'.repeat(3000)}\r\n`, 'line too long'],
    ['x'.repeat(2100), 'line too long'],
    ['250-more\r\n'.repeat(200), 'too many lines in one reply'],
    [`250-${'y'.repeat(2000)}\r\n`.repeat(40), 'reply too long'],
  ])('calls %j malformed', (bytes, malformed) => {
    const found = parse([bytes]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ malformed });
    expect(JSON.stringify(found[0]).length).toBeLessThan(250);
  });

  it('reads nothing more after a malformed reply', () => {
    const parser = new ReplyParser();
    expect(parse(['nonsense\r\n250 ok\r\n'], parser)).toHaveLength(1);
    expect(parse(['250 ok\r\n'], parser)).toEqual([]);
    expect(parser.pending).toBe(false);
  });

  it('decodes UTF-8, else latin1, and defuses control characters', () => {
    expect(parse([Buffer.from('550 ユーザー不明\r\n')])).toMatchObject([{ lines: ['ユーザー不明'] }]);
    expect(parse([Buffer.from('550 inconn\xfc\r\n', 'latin1')])).toMatchObject([{ lines: ['inconnü'] }]);
    expect(parse(['550 \x1b[2Jgone\0\r\n'])).toMatchObject([{ lines: ['\ufffd[2Jgone\ufffd'] }]);
    expect(parse(['550 a\tb\r\n'])).toMatchObject([{ lines: ['a\tb'] }]);
  });

  it('says whether something is left over', () => {
    const parser = new ReplyParser();
    expect(parser.pending).toBe(false);
    parse(['250 ok\r\n'], parser);
    expect(parser.pending).toBe(false);
    parse(['250-half\r\n'], parser);
    expect(parser.pending).toBe(true);
    parse(['250 ok\r\n2'], parser);
    expect(parser.pending).toBe(true);
  });

  it('gives the same replies however the bytes are cut', () => {
    const bytes = Buffer.from('220 héllo\r\n250-a\r\n250-b\r\n250 c\r\n354\r\n550-5.1.1 x\n550 5.1.1 y\n');
    const whole = parse([bytes]);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(parse([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    }
    expect(parse([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it('survives any bytes: replies are in range, at most one is malformed and it is the last', () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('250 ok\r\n', '250-', '354 go\r\n', '5', '\r\n', '\n', '421 ')
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
        const found = parse(chunks);
        const malformedAt = found.findIndex((reply) => 'malformed' in reply);
        expect([-1, found.length - 1]).toContain(malformedAt);
        const replies = found.flatMap((reply) => ('malformed' in reply ? [] : [reply]));
        expect(replies.every(({ code, lines }) => code >= 200 && code <= 599 && lines.length > 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
