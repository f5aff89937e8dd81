import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { a, cname, mx, respond } from '../../../test/support/dns-zone.ts';
import { readMessage } from './message.ts';
import { makeQuery } from './question.ts';
import type { Question } from './question.ts';
import { readA, readAaaa, readAnswer, readCname, readMx, readTlsa, readTxt } from './records.ts';

const question: Question = { name: 'x.test', type: 'MX' };

describe('readMessage', () => {
  it('reads the response to its own query only', () => {
    const query = makeQuery(question, true);
    const bytes = respond(query.bytes, { answers: [mx('x.test', 1, 'm.test')] });
    expect(readMessage(bytes, query, question)).toMatchObject({ rcode: 0, truncated: false });
    expect(readMessage(bytes, { ...query, id: query.id ^ 1 }, question)).toBe('foreign');
    expect(readMessage(bytes, query, { ...question, type: 'A' })).toBe('foreign');
    expect(readMessage(bytes, query, { ...question, name: 'y.test' })).toBe('foreign');
    expect(readMessage(query.bytes, query, question)).toBe('foreign');
  });

  it('takes a refusal without the question', () => {
    const query = makeQuery(question, true);
    const bytes = Buffer.from(query.bytes.subarray(0, 12));
    bytes.fill(0, 4);
    bytes[2] = 0x80;
    bytes[3] = 1;
    expect(readMessage(bytes, query, question)).toMatchObject({ rcode: 1 });
  });

  it('makes a value of any bytes', () => {
    const query = makeQuery(question, true);
    const data = { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32, 7) };
    const tlsa = { type: 'TLSA' as const, name: 'y.test', ttl: 60, data };
    const honest = respond(query.bytes, {
      answers: [cname('x.test', 'y.test'), mx('y.test', 1, 'm.test'), a('m.test', '127.0.0.1'), tlsa],
      soaSeconds: 60,
    });
    const damage = fc.array(fc.tuple(fc.nat(honest.length - 1), fc.nat(255)), { maxLength: 8 });
    const cut = fc.nat(honest.length);
    const readers = [readMx, readA, readAaaa, readTxt, readTlsa, readCname];
    const types = ['MX', 'A', 'AAAA', 'TXT', 'TLSA', 'CNAME'] as const;
    fc.assert(
      fc.property(damage, cut, fc.uint8Array({ maxLength: 100 }), (changes, length, tail) => {
        const bytes = Buffer.concat([honest.subarray(0, length), tail]);
        // The id is kept, or nearly everything would be foreign.
        for (const [at, value] of changes) if (at > 1 && at < bytes.length) bytes[at] = value;
        const message = readMessage(bytes, query, question);
        if (typeof message === 'string') return;
        for (const [index, type] of types.entries()) {
          const reading = readAnswer<unknown>(message, { ...question, type }, readers[index] ?? readMx);
          expect(['found', 'nodata', 'nxdomain', 'failed', 'alias']).toContain(reading.kind);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
