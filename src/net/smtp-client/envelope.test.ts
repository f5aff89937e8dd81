import { describe, expect, it } from 'vitest';
import { message } from '../../../test/support/smtp-dialing.ts';
import { writeEnvelope } from './envelope.ts';
import { noExtensions, readExtensions } from './extensions.ts';

const all = readExtensions({
  code: 250,
  status: null,
  lines: ['mx', 'SIZE 100', '8BITMIME', 'SMTPUTF8', 'PIPELINING'],
});

describe('writeEnvelope', () => {
  it('writes plain commands for a server without extensions', () => {
    expect(writeEnvelope(message('taro@example.jp', { eightBit: true }), noExtensions)).toEqual({
      mail: 'MAIL FROM:<sender@example.com>\r\n',
      rcpt: 'RCPT TO:<taro@example.jp>\r\n',
    });
  });

  it('adds the parameters that are offered and of use', () => {
    const body = Buffer.from('x\r\n');
    expect(writeEnvelope(message('a@b.jp', { body, eightBit: true }), all)).toMatchObject({
      mail: 'MAIL FROM:<sender@example.com> SIZE=3 BODY=8BITMIME\r\n',
    });
    expect(writeEnvelope(message('太郎@b.jp', { body, eightBit: true }), all)).toEqual({
      mail: 'MAIL FROM:<sender@example.com> SIZE=3 BODY=8BITMIME SMTPUTF8\r\n',
      rcpt: 'RCPT TO:<太郎@b.jp>\r\n',
    });
  });

  it('writes the null reverse-path', () => {
    expect(writeEnvelope(message('a@b.jp', { from: '' }), noExtensions)).toMatchObject({
      mail: 'MAIL FROM:<>\r\n',
    });
  });

  it('asks for REQUIRETLS where everybody on the way can keep to it (RFC 8689)', () => {
    const offering = { ...noExtensions, requireTls: true };
    expect(writeEnvelope(message('a@b.jp', { requireTls: true }), offering)).toMatchObject({
      mail: 'MAIL FROM:<sender@example.com> REQUIRETLS\r\n',
    });
    expect(writeEnvelope(message('a@b.jp'), offering)).toMatchObject({
      mail: 'MAIL FROM:<sender@example.com>\r\n',
    });
  });

  it.each([
    ['requiretls-unavailable', message('a@b.jp', { requireTls: true }), all],
    ['size-exceeded', message('a@b.jp', { body: Buffer.alloc(101) }), all],
    ['smtputf8-unavailable', message('a@b.jp', { smtpUtf8: true }), noExtensions],
    ['smtputf8-unavailable', message('太郎@b.jp'), noExtensions],
    ['compose-failed', message('a\r\nb@b.jp'), all],
    ['compose-failed', message('nobody'), all],
    ['compose-failed', message('a@b.jp', { from: 'x@y\nz' }), all],
  ])('says %s', (cause, transaction, extensions) => {
    expect(writeEnvelope(transaction, extensions)).toMatchObject({ kind: 'unsendable', cause });
  });
});

it.each([
  ['SIZE', null],
  ['SIZE 0', null],
  ['SIZE x', null],
  ['size 12', 12],
])('reads %j as %j', (line, sizeOctets) => {
  expect(readExtensions({ code: 250, status: null, lines: ['mx', line] }).sizeOctets).toBe(sizeOctets);
});
