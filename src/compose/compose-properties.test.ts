import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { createSigner, publicKeyRecord } from '../protocol/dkim/index.ts';
import type { Content, Stamp } from './index.ts';
import { compileContent } from './index.ts';

const rsa = createSigner({
  domain: 'example.jp',
  selector: 's1',
  key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  algorithm: 'rsa-sha256',
});

const stamp: Stamp = {
  messageId: '<c-1.42@example.jp>',
  dateMs: Date.UTC(2026, 9, 1, 3, 0, 0),
  unsubscribe: { url: 'https://example.jp/u/n16-abc', mailto: 'u+n16@example.jp' },
  feedbackId: 'c-1:example.jp:campaign:todoku',
};

const base: Content = {
  from: '届くショップ <news@例え.jp>',
  replyTo: null,
  subject: '{{ name }}様へ秋のお知らせ',
  html: {
    name: 'newsletter.html',
    source: '<p>こんにちは、{{ name }}様。</p>\n<p><a href="{{ url }}">詳しく</a></p>\n',
  },
  text: null,
  defaults: {},
};

describe('properties', () => {
  const anyValue = fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    {
      weight: 6,
      arbitrary: fc
        .array(
          fc.constantFrom(
            '\r\n',
            '\n',
            '\r',
            ' ',
            '\t',
            '.',
            '=',
            '\0',
            'あ',
            '\ud800',
            '{{ x }}',
            '--=_',
            'Bcc: x@y',
            '<b>',
            '&',
          ),
          { maxLength: 60 },
        )
        .map((parts) => parts.join('')),
    },
    { weight: 1, arbitrary: fc.constantFrom('x'.repeat(100_000), 'あ\n'.repeat(30_000)) },
  );

  /** What mailparser shows: lone surrogates replaced, line ends as LF. */
  const seen = (text: string): string => text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\n');

  it('text and HTML decode to what liquidjs renders, and no value becomes a header', async () => {
    const content: Content = {
      ...base,
      subject: 'fixed',
      html: { name: 'h', source: '<p>{{ a }} と {{ b }}</p>|' },
      text: { name: 't', source: '{{ a }} と {{ b }}|' },
    };
    const compiled = compileContent(content, { signers: [] });
    const plain = new Liquid();
    const escaping = new Liquid({ outputEscape: 'escape' });
    await fc.assert(
      fc.asyncProperty(anyValue, anyValue, async (a, b) => {
        const result = compiled.compose({ address: 'a@b.jp', variables: { a, b } }, stamp);
        if ('failure' in result) throw new Error(result.failure);
        const mail = await simpleParser(result.bytes, { skipTextToHtml: true });
        expect(mail.headerLines.map(({ key }) => key)).toEqual([
          'date',
          'from',
          'to',
          'subject',
          'message-id',
          'list-unsubscribe',
          'list-unsubscribe-post',
          'feedback-id',
          'mime-version',
          'content-type',
        ]);
        expect(mail.text).toBe(seen(String(plain.parseAndRenderSync(content.text?.source ?? '', { a, b }))));
        expect(mail.html).toBe(
          seen(String(escaping.parseAndRenderSync(content.html?.source ?? '', { a, b }))),
        );
        const raw = result.bytes.toString('latin1');
        expect(raw.endsWith('\r\n')).toBe(true);
        expect(raw).not.toMatch(/[^\r]\n|\r[^\n]|\n\.|[^\x20-\x7e\r\n]/);
        expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
      }),
      { numRuns: 200 },
    );
  });

  it('mailauth accepts the signatures of any message', async () => {
    const ed = createSigner({
      domain: 'example.jp',
      selector: 's2',
      key: generateKeyPairSync('ed25519').privateKey,
      algorithm: 'ed25519-sha256',
    });
    const source = '{{ a }}\n\n{% if b %} {{ b }}{% endif %}\n{{ a }}';
    const contents: readonly Content[] = [
      { ...base, subject: '{{ s }}', html: { name: 'h', source }, text: { name: 't', source } },
      { ...base, subject: '{{ s }}', html: { name: 'h', source: `<p>${source}</p>` } },
      { ...base, subject: 'x', html: null, text: { name: 't', source: `${source}\n\n` } },
      { ...base, subject: 'x', html: null, text: { name: 't', source: '{{ a }}' } },
    ];
    const compiled = contents.map((content) => compileContent(content, { signers: [rsa, ed] }));
    const keys: Readonly<Record<string, string>> = { s1: publicKeyRecord(rsa), s2: publicKeyRecord(ed) };
    const resolver = async (name: string): Promise<string[][]> =>
      await Promise.resolve([[keys[name.split('.')[0] ?? ''] ?? '']]);
    const subject = fc
      .string({ unit: 'grapheme', maxLength: 120 })
      .map((each) => each.replaceAll(/\p{C}|\p{Z}/gu, ' '));
    const address = fc.constantFrom(
      'a@example.com',
      'a.b@xn--r8jz45g.jp',
      'a..b@docomo.ne.jp',
      '用户@example.com',
    );
    await fc.assert(
      fc.asyncProperty(anyValue, anyValue, subject, address, async (a, b, s, to) => {
        for (const each of compiled) {
          const result = each.compose({ address: to, variables: { a, b, s } }, stamp);
          if ('failure' in result) throw new Error(result.failure);
          const { results } = await dkimVerify(result.bytes, { resolver });
          expect(results.map((entry) => entry.status.result)).toEqual(['pass', 'pass']);
          expect(result.bytes.subarray(-2).toString('latin1')).toBe('\r\n');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a value in the subject is decoded as it was, or the recipient fails', async () => {
    const content: Content = {
      ...base,
      subject: '「{{ a }}」',
      html: null,
      text: { name: 't', source: 'x' },
    };
    const compiled = compileContent(content, { signers: [] });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (a) => {
        const result = compiled.compose({ address: 'a@b.jp', variables: { a } }, stamp);
        // oxlint-disable-next-line no-control-regex -- the very thing
        const bad = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/.test(a);
        expect('failure' in result).toBe(bad);
        if ('failure' in result) return;
        const mail = await simpleParser(result.bytes);
        expect(mail.headerLines.filter(({ key }) => key === 'subject')).toHaveLength(1);
        expect(mail.subject).toBe(`「${a.toWellFormed().replaceAll(/\t+/g, ' ')}」`);
      }),
      { numRuns: 300 },
    );
  });
});
