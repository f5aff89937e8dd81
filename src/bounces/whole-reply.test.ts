import { describe, expect, it } from 'vitest';
import { wholeReply } from './whole-reply.ts';

const transcript = [
  '... while talking to mx.rcpt.example.:',
  '>>> DATA',
  '<<< 552-5.7.0 The message holds something that may be a',
  '<<< 552-5.7.0 threat to the recipient. See',
  '<<< 552 5.7.0 https://rcpt.example/help',
  '<<< 503 5.5.1 No valid recipients',
].join('\n');

describe('a reply of which one line is known', () => {
  it('is read to its end in the transcript', () => {
    expect(wholeReply('552-5.7.0 The message holds something that may be a', transcript)).toBe(
      '552-5.7.0 The message holds something that may be a\n552-5.7.0 threat to the recipient. See\n552 5.7.0 https://rcpt.example/help',
    );
  });

  it.each([
    ['it is whole', '550 5.1.1 User unknown', transcript],
    ['its lines were joined', '552-5.7.0 The message holds 552 5.7.0 a threat', transcript],
    ['the transcript is of something else', '550-5.7.1 Our system has detected', transcript],
    ['nothing follows', '552-5.7.0 The message', '<<< 552-5.7.0 The message\n>>> QUIT'],
  ])('stays as it is when %s', (_, start, words) => {
    expect(wholeReply(start, words)).toBe(start);
  });

  it('takes no more than a dozen lines of a reply without end', () => {
    const endless = Array.from({ length: 100 }, (_, n) => `<<< 550-line ${n}`).join('\n');
    expect(wholeReply('550-line 0', endless).split('\n')).toHaveLength(12);
  });
});
