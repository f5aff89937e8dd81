import { describe, expect, it } from 'vitest';
import { ReplyParser } from './reply-parser.ts';
import { ReplyCache } from './reply-cache.ts';
import type { Reply } from './reply.ts';

function parseAll(bytes: Buffer): unknown[] {
  const parser = new ReplyParser();
  parser.push(bytes);
  const found: unknown[] = [];
  for (let reply = parser.next(); reply !== null; reply = parser.next()) found.push(reply);
  return found;
}

describe('ReplyCache', () => {
  const reply: Reply = { code: 250, status: '2.1.5', lines: ['2.1.5 Ok'] };

  it('finds a line by its bytes, wherever it stands', () => {
    const cache = new ReplyCache();
    const line = Buffer.from('250 2.1.5 Ok');
    expect(cache.find(line, 0, line.length)).toBeNull();
    cache.keep(line, reply);
    expect(cache.find(Buffer.from('xx250 2.1.5 Okyy'), 2, 14)).toBe(reply);
    expect(cache.find(Buffer.from('250 2.1.5 OK'), 0, 12)).toBeNull();
  });

  it('keeps its own copy of the bytes', () => {
    const cache = new ReplyCache();
    const line = Buffer.from('250 2.1.5 Ok');
    cache.keep(line, reply);
    line.fill('x');
    expect(cache.find(Buffer.from('250 2.1.5 Ok'), 0, 12)).toBe(reply);
    expect(cache.find(line, 0, 12)).toBeNull();
  });

  it('keeps no long line, and no reply that could be changed', () => {
    const cache = new ReplyCache();
    const long = Buffer.from(`250 ${'x'.repeat(70)}`);
    cache.keep(long, reply);
    expect(cache.find(long, 0, long.length)).toBeNull();
    const line = Buffer.from('250 Ok');
    const kept: Reply = { code: 250, status: null, lines: ['Ok'] };
    cache.keep(line, kept);
    expect(Object.isFrozen(cache.find(line, 0, 6))).toBe(true);
  });
});

describe('replies seen before', () => {
  it('read the same as the first time, also within and behind longer ones', () => {
    const bytes = Buffer.from(
      '250 2.0.0 Ok\r\n250-a\r\n250 2.0.0 Ok\r\n550-b\r\n250 2.0.0 Ok\r\n250 2.0.0 Ok\n',
    );
    const once = parseAll(bytes);
    expect(parseAll(bytes)).toEqual(once);
    expect(once).toMatchObject([
      { lines: ['2.0.0 Ok'], status: '2.0.0' },
      { lines: ['a', '2.0.0 Ok'], status: null },
      { lines: ['b', '2.0.0 Ok'], codesDiffer: true },
      { lines: ['2.0.0 Ok'] },
    ]);
  });
});
