import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedbackIdField, formatFeedbackId, listIdField, unsubscribeFields } from './index.ts';

const mailto = 'mailto:unsubscribe+n1@example.jp?subject=unsubscribe';

describe('unsubscribeFields', () => {
  it('offers one click and mail', () => {
    const fields = unsubscribeFields({ url: 'https://example.jp/u/n1-abc?l=ja', mailto });
    expect(fields?.map((field) => field.line)).toEqual([
      `List-Unsubscribe: <https://example.jp/u/n1-abc?l=ja>,\r\n <${mailto}>`,
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ]);
  });

  it('promises no one-click without https', () => {
    const fields = unsubscribeFields({ url: 'http://127.0.0.1:8080/u/1', mailto: 'u@example.jp' });
    expect(fields?.map((field) => field.line)).toEqual([
      'List-Unsubscribe: <http://127.0.0.1:8080/u/1>, <mailto:u@example.jp>',
    ]);
  });

  it('escapes what would end the URI or is not ASCII', () => {
    const fields = unsubscribeFields({ url: 'https://例え.jp/解除?a=<b>', mailto });
    expect(fields?.[0]?.line).toContain('<https://xn--r8jz45g.jp/%E8%A7%A3%E9%99%A4?a=%3Cb%3E>,');
  });

  it.each([
    ['not a URL', mailto],
    ['javascript:alert(1)', mailto],
    ['https://example.jp/\r\nBcc: x@y.jp', mailto],
    [`https://example.jp/${'x'.repeat(1000)}`, mailto],
    ['https://example.jp/', 'mailto:nobody'],
    ['https://example.jp/', 'a@b.jp\r\nBcc: x@y.jp'],
  ])('gives null for %j and %j', (url, mail) => {
    expect(unsubscribeFields({ url, mailto: mail })).toBeNull();
  });
});

describe('unsubscribeFields for one recipient after the other', () => {
  it('reads a token as it would be read alone', () => {
    const token = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'aZ09-_.%/?#@+<> :\u3042'.split('')), maxLength: 12 }),
      fc.constantFrom('..', '.', '%2e%2e', 'x'.repeat(300)),
    );
    const base = fc.constantFrom(
      'https://example.jp/u/',
      'https://example.jp/',
      'https://1.2/',
      'https://',
      'HTTPS://a.jp/',
    );
    fc.assert(
      fc.property(base, token, token, (start, link, mail) => {
        unsubscribeFields({ url: `${start}n1-abc`, mailto: 'unsubscribe+n1@example.jp' });
        const fields = unsubscribeFields({ url: start + link, mailto: `unsubscribe+${mail}@example.jp` });
        const address = `mailto:unsubscribe+${mail}@example.jp`;
        const readable = URL.canParse(start + link) && URL.canParse(address);
        const written = (uri: string): string =>
          new URL(uri).href.replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll(' ', '%20');
        if (fields === null) return;
        expect(readable).toBe(true);
        expect(fields[0]?.line.replaceAll('\r\n', '')).toBe(
          `List-Unsubscribe: <${written(start + link)}>, <${written(address)}>`,
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('Feedback-ID', () => {
  it('has four fields, whatever the names hold', () => {
    const value = formatFeedbackId({ campaign: 'c-01:k x\r\n', domain: 'example.jp', stream: 'お知らせ' });
    expect(value).toBe('c-01-k-x--:example.jp:----:todoku');
    expect(feedbackIdField(value)?.line).toBe(`Feedback-ID: ${value}`);
  });

  it.each(['', 'a:b:c:d:e', 'a:b:', 'a b', 'a\r\nB: c'])('refuses %j', (value) => {
    expect(feedbackIdField(value)).toBeNull();
  });
});

describe('listIdField', () => {
  it('carries a description and the id', () => {
    const field = listIdField({ description: '週刊 <ニュース>', id: 'weekly.example.jp' });
    const encoded = Buffer.from('週刊  ニュース', 'utf8').toString('base64');
    expect(field?.line).toBe(`List-Id: =?utf-8?B?${encoded}?= <weekly.example.jp>`);
    expect(listIdField({ description: null, id: 'weekly.example.jp' })?.line).toBe(
      'List-Id: <weekly.example.jp>',
    );
  });

  it.each(['weekly', 'a b.jp', 'a..jp', 'a.jp>\r\nX: y'])('refuses the id %j', (id) => {
    expect(listIdField({ description: null, id })).toBeNull();
  });
});
