import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { AppError } from '../base/index.ts';
import { createSigner, publicKeyRecord } from '../protocol/dkim/index.ts';
import type { ComposedMessage, Content, Stamp } from './index.ts';
import { compileContent, undefinedVariables } from './index.ts';

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

const recipient = {
  address: 'taro@example.com',
  variables: { email: 'taro@example.com', name: '山田', url: 'https://example.jp/?a=1&b=2' },
};

function composed(
  content: Content,
  variables: Readonly<Record<string, string>> = recipient.variables,
  address = recipient.address,
): ComposedMessage {
  const result = compileContent(content, { signers: [] }).compose({ address, variables }, stamp);
  if ('failure' in result) throw new Error(result.failure);
  return result;
}

function failureOf(content: Content, variables: Readonly<Record<string, string>>): string {
  const result = compileContent(content, { signers: [] }).compose({ address: 'a@b.jp', variables }, stamp);
  return 'failure' in result ? result.failure : 'none';
}

function appErrorOf(content: Content): AppError {
  try {
    compileContent(content, { signers: [] });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('compose', () => {
  it('makes a signed multipart message that mailparser and mailauth read as meant', async () => {
    const result = compileContent(base, { signers: [rsa], offsetMinutes: 540 }).compose(recipient, stamp);
    if ('failure' in result) throw new Error(result.failure);
    expect(result).toMatchObject({ dotSafe: true, eightBit: false, smtpUtf8: false });
    const mail = await simpleParser(result.bytes);
    expect([...mail.headers.keys()]).toEqual([
      'dkim-signature',
      'date',
      'from',
      'to',
      'subject',
      'message-id',
      'list',
      'feedback-id',
      'mime-version',
      'content-type',
    ]);
    expect(mail.subject).toBe('山田様へ秋のお知らせ');
    expect(mail.from?.value).toEqual([{ name: '届くショップ', address: 'news@例え.jp' }]);
    expect(mail.html).toBe(
      '<p>こんにちは、山田様。</p>\n<p><a href="https://example.jp/?a=1&amp;b=2">詳しく</a></p>\n',
    );
    expect(mail.text).toBe('こんにちは、山田様。\n\n詳しく [https://example.jp/?a=1&b=2]');
    expect(result.bytes.toString()).toContain('\r\nDate: Thu, 01 Oct 2026 12:00:00 +0900\r\n');
    expect(result.bytes.toString()).toContain('\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n');
    const { results } = await dkimVerify(result.bytes, { resolver: async () => [[publicKeyRecord(rsa)]] });
    expect(results.map((entry) => entry.status.result)).toEqual(['pass']);
  });

  it('gives the same bytes each time', () => {
    const compiled = compileContent(
      { ...base, text: { name: 't.txt', source: "{{ 'now' | date: '%Y-%m-%d' }}" } },
      { signers: [rsa] },
    );
    const once = compiled.compose(recipient, stamp);
    const again = compiled.compose(recipient, stamp);
    expect(once).toEqual(again);
    expect('bytes' in once && once.bytes.toString()).toContain('2026-10-01');
  });

  it.each([
    ['text', { html: null, text: { name: 't.txt', source: 'Hello {{ name }}\n' } }, 'text/plain'],
    ['html', { html: { name: 't.html', source: '<p>{{ name }}</p>' } }, 'multipart/alternative'],
  ])('makes a message of %s alone', (_kind, parts, type) => {
    expect(composed({ ...base, ...parts }).bytes.toString()).toContain(`\r\nContent-Type: ${type};`);
  });

  it('takes column names in Japanese, and any name in brackets', async () => {
    const source = '{{ 氏名 }}/{{ ["お名前 (様)"] }}/{{ 1月 }}';
    const result = composed(
      { ...base, subject: source },
      { ...recipient.variables, 氏名: 'い', 'お名前 (様)': 'ろ', '1月': 'は' },
    );
    expect((await simpleParser(result.bytes)).subject).toBe('い/ろ/は');
  });

  it('escapes in HTML, not in text or subject, and opts out by raw', async () => {
    const content = {
      ...base,
      subject: '{{ name }}',
      html: { name: 'h', source: '<b>{{ name }}</b>{{ name | escape }}{{ name | raw }}' },
      text: { name: 't', source: '{{ name }}' },
    };
    const mail = await simpleParser(composed(content, { name: '<i>&"' }).bytes);
    expect(mail.html).toBe('<b>&lt;i&gt;&amp;&#34;</b>&lt;i&gt;&amp;&#34;<i>&"');
    expect(mail.text).toBe('<i>&"');
    expect(mail.subject).toBe('<i>&"');
  });

  it('uses declared defaults for missing and empty values', async () => {
    const content = {
      ...base,
      subject: '{{ name }}様、{{ shop }}',
      defaults: { name: 'お客', shop: '本店' },
      html: null,
      text: { name: 't', source: 'x' },
    };
    expect((await simpleParser(composed(content, { name: '' }).bytes)).subject).toBe('お客様、本店');
    expect((await simpleParser(composed(content, { name: '山田', shop: '支店' }).bytes)).subject).toBe(
      '山田様、支店',
    );
  });

  it('quotes old docomo addresses and asks for SMTPUTF8 only for the local part', () => {
    expect(composed(base, recipient.variables, 'a..b.@docomo.ne.jp').bytes.toString()).toContain(
      '\r\nTo: "a..b."@docomo.ne.jp\r\n',
    );
    expect(composed(base, recipient.variables, 'a b@docomo.ne.jp').bytes.toString()).toContain(
      '\r\nTo: "a b"@docomo.ne.jp\r\n',
    );
    expect(composed(base, recipient.variables, 'a@xn--r8jz45g.jp')).toMatchObject({
      smtpUtf8: false,
      eightBit: false,
    });
    expect(composed(base, recipient.variables, '用户@example.com')).toMatchObject({
      smtpUtf8: true,
      eightBit: true,
    });
  });
});

describe('SMTPUTF8', () => {
  it('signs header fields in UTF-8 (RFC 8616)', async () => {
    const compiled = compileContent(base, { signers: [rsa] });
    const result = compiled.compose({ ...recipient, address: '用户@example.com' }, stamp);
    if ('failure' in result) throw new Error(result.failure);
    expect(result.bytes.toString()).toContain('\r\nTo: 用户@example.com\r\n');
    const { results } = await dkimVerify(result.bytes, { resolver: async () => [[publicKeyRecord(rsa)]] });
    expect(results.map((entry) => entry.status.result)).toEqual(['pass']);
  });
});

describe('a failure of one recipient', () => {
  it('names template, line and variable', () => {
    const content = { ...base, html: { name: 'newsletter.html', source: '<p>\n\n  {{ coupon.code }}</p>' } };
    const compiled = compileContent(content, { signers: [] });
    expect(compiled.compose(recipient, stamp)).toMatchObject({
      failure: 'newsletter.html line 3: undefined variable: coupon',
      text: { ja: 'newsletter.html の 3 行目: 変数 coupon がありません' },
      at: { template: 'newsletter.html', line: 3 },
      variable: 'coupon',
    });
    expect(compiled.tryRender(recipient, stamp.dateMs)).toMatchObject({ variable: 'coupon' });
    const full = { ...recipient, variables: { ...recipient.variables, coupon: 'x' } };
    expect(compiled.tryRender(full, stamp.dateMs)).toMatchObject({ variable: 'coupon.code' });
  });

  it('is the answer to a line break that a variable carries into the subject', () => {
    const text = { ...base, html: null, text: { name: 't', source: 'x' }, subject: '{{ name }}様' };
    expect(failureOf(text, { name: 'x\r\nBcc: evil@example.com' })).toBe(
      'a value in the subject holds a control character (CR)',
    );
    expect(failureOf(text, { name: 'x\0' })).toBe('a value in the subject holds a control character (NUL)');
    expect(failureOf(text, { name: 'x\ty' })).toBe('none');
  });

  it('is the answer to a message beyond the limit', () => {
    const compiled = compileContent(base, { signers: [], limits: { messageBytes: 100_000 } });
    const variables = { ...recipient.variables, name: 'あ'.repeat(20_000) };
    expect(compiled.compose({ ...recipient, variables }, stamp)).toMatchObject({
      failure: 'the message is larger than the limit of 100000 bytes',
    });
  });

  it.each([
    ['{% for i in (1..100000000) %}x{% endfor %}', /memory alloc limit exceeded/],
    ['{% for i in (1..3000) %}{% for j in (1..3000) %}{{ i }}{% endfor %}{% endfor %}', /limit/],
    [
      '{% for i in (1..3000) %}{% for j in (1..3000) %}{% assign x = i %}{% endfor %}{% endfor %}',
      /render limit exceeded/,
    ],
    [
      '{% assign x = "12345678" %}{% for i in (1..40) %}{% assign x = x | append: x %}{% endfor %}',
      /memory alloc limit exceeded/,
    ],
    [
      '{% assign x = "12345678" %}{% for i in (1..24) %}{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor %}{{ x }}',
      /larger than the limit/,
    ],
    ['{% tablerow i in (1..100000000) %}x{% endtablerow %}', /memory alloc limit exceeded/],
  ])('is the answer to a template without bounds: %s', (source, expected) => {
    const content = { ...base, html: null, text: { name: 't', source } };
    const compiled = compileContent(content, { signers: [], limits: { renderMs: 50 } });
    const result = compiled.compose(recipient, stamp);
    expect('failure' in result && result.failure).toMatch(expected);
  });

  it('is the answer to stamps and recipients that cannot stand in a header', () => {
    const compiled = compileContent(base, { signers: [] });
    const withStamp = (change: Partial<Stamp>): string => {
      const result = compiled.compose(recipient, { ...stamp, ...change });
      return 'failure' in result ? result.failure : 'none';
    };
    expect(withStamp({ messageId: '<a@b>\r\nBcc: x' })).toMatch(/Message-ID/);
    expect(withStamp({ feedbackId: 'a b' })).toMatch(/Feedback-ID/);
    expect(withStamp({ unsubscribe: { url: 'nowhere', mailto: 'a@b.jp' } })).toMatch(/List-Unsubscribe/);
    expect(withStamp({ unsubscribe: null, feedbackId: null })).toBe('none');
    for (const address of ['', 'a', 'a@', 'a@b.jp\r\nBcc: x@y.jp', 'a\0@b.jp']) {
      const result = compiled.compose({ ...recipient, address }, stamp);
      expect('failure' in result && result.failure).toMatch(/is not a usable address/);
    }
  });
});

describe('how a content is rendered', () => {
  it('is told per template', () => {
    const content = { ...base, text: { name: 't.txt', source: '{{ name }}\n{% cycle "a", "b" %}' } };
    const none = { compiled: true, reason: null, left: [] };
    expect(compileContent(content, { signers: [] }).inspect()).toEqual([
      { template: 'subject', segments: 1, slots: 1, ...none },
      { template: 'newsletter.html', segments: 3, slots: 2, ...none },
      {
        template: 't.txt',
        segments: 1,
        slots: 2,
        compiled: false,
        reason: 'tag "cycle" on line 2',
        left: [{ tag: 'cycle', line: 2 }],
      },
    ]);
  });

  it('does not let counters of one message reach the next', async () => {
    const content = {
      ...base,
      subject: '{% increment n %}',
      text: { name: 't', source: '{% increment n %}{{ n }}' },
    };
    const compiled = compileContent(content, { signers: [] });
    for (let round = 0; round < 2; round += 1) {
      const result = compiled.compose(recipient, stamp);
      if ('failure' in result) throw new Error(result.failure);
      const { subject, text } = await simpleParser(result.bytes);
      expect([subject, text]).toEqual(['0', '12']);
    }
    expect(recipient.variables).not.toHaveProperty('n');
  });
});

describe('unsubscribe_url', () => {
  const content: Content = {
    ...base,
    subject: 'x',
    html: { name: 'n.html', source: '<p><a href="{{ unsubscribe_url }}">stop</a></p>' },
    text: { name: 'n.txt', source: 'stop: {{ unsubscribe_url }}' },
  };
  const link = 'https://example.jp/u/n16-abc?a=1&b=2';
  const linked: Stamp = { ...stamp, unsubscribe: { url: link, mailto: 'u@example.jp' } };
  const parts = async (
    source: Content,
    variables: Readonly<Record<string, string>> = recipient.variables,
  ): Promise<{ html: string; text: string }> => {
    const compiled = compileContent(source, { signers: [] });
    const result = compiled.compose({ ...recipient, variables }, linked);
    if ('failure' in result) throw new Error(result.failure);
    const { html, text } = await simpleParser(result.bytes);
    return { html: String(html), text: String(text) };
  };

  it('is the link of the header: escaped in HTML, as it is in text', async () => {
    const { html, text } = await parts(content);
    expect(html).toContain('<a href="https://example.jp/u/n16-abc?a=1&amp;b=2">stop</a>');
    expect(text).toContain(`stop: ${link}`);
  });

  it('stands in the text that is made from the HTML', async () => {
    const { text } = await parts({ ...content, text: null });
    expect(text).toContain(link);
  });

  it('gives way to a column or a default that is not empty', async () => {
    const own = { ...recipient.variables, unsubscribe_url: 'https://own.example/stop' };
    expect((await parts(content, own)).text).toContain('stop: https://own.example/stop');
    expect((await parts(content, { ...own, unsubscribe_url: '' })).text).toContain(`stop: ${link}`);
    const given = { ...content, defaults: { unsubscribe_url: 'https://given.example/' } };
    expect((await parts(given)).text).toContain('stop: https://given.example/');
  });

  it('is known before anything is sent, and missing only from a message that has no such link', () => {
    const compiled = compileContent(content, { signers: [] });
    expect(undefinedVariables(compiled, ['email', 'name'])).toEqual([]);
    expect(compiled.tryRender(recipient, stamp.dateMs)).toBeNull();
    const without = compiled.compose(recipient, { ...stamp, unsubscribe: null });
    expect('failure' in without && without.failure).toMatch(/unsubscribe_url/);
  });
});

describe('not_arrived_url', () => {
  const link = 'https://example.jp/n/n16-abc';
  const parts = async (text: string): Promise<{ readonly text: string; readonly sealed: number }> => {
    let sealed = 0;
    const notArrivedUrl = (): string => {
      sealed += 1;
      return link;
    };
    const compiled = compileContent(
      { ...base, html: null, text: { name: 'n.txt', source: text } },
      { signers: [] },
    );
    expect(undefinedVariables(compiled, ['name', 'url'])).toEqual([]);
    expect(compiled.tryRender(recipient, stamp.dateMs)).toBeNull();
    const result = compiled.compose(recipient, { ...stamp, notArrivedUrl });
    if ('failure' in result) throw new Error(result.failure);
    return { text: String((await simpleParser(result.bytes)).text).trim(), sealed };
  };

  it('is the page about the message, also where liquidjs renders', async () => {
    expect(await parts('{{ not_arrived_url }}')).toEqual({ text: link, sealed: 1 });
    expect((await parts('{% if true %}{{ not_arrived_url | append: "?lang=ja" }}{% endif %}')).text).toBe(
      `${link}?lang=ja`,
    );
  });

  it('is not sealed for a template that does not show it', async () => {
    expect(await parts('{{ name }}')).toMatchObject({ sealed: 0 });
  });
});

describe('content that cannot be compiled', () => {
  const html = (source: string): Content => ({ ...base, html: { name: 'newsletter.html', source } });

  it.each([
    ['<p>\n{{ name </p>', 'template newsletter.html:2: output "{{ name </p>" not closed'],
    ['\n\n{% if x %}a', 'template newsletter.html:3: tag {% if x %} not closed'],
    ['{{ name | upcaze }}', 'template newsletter.html:1: undefined filter: upcaze'],
    ['a\n{% includ "x" %}', 'template newsletter.html:2: tag "includ" not found'],
    [
      '{% include "/etc/passwd" %}',
      'template newsletter.html:1: tag "include" reads another template, which is not available in mail',
    ],
    [
      '{% render "x" %}',
      'template newsletter.html:1: tag "render" reads another template, which is not available in mail',
    ],
    [
      '{% layout "x" %}',
      'template newsletter.html:1: tag "layout" reads another template, which is not available in mail',
    ],
    ['{{ list | sample }}', 'template newsletter.html:1: undefined filter: sample'],
  ])('%j', (source, message) => {
    const error = appErrorOf(html(source));
    expect(error.message).toBe(message);
    expect(error.code).toBe('template-syntax');
    expect(error.line('ja')).not.toContain('\n');
  });

  it('says it in Japanese too', () => {
    expect(appErrorOf(html('a\n{{ name | upcaze }}')).text.ja).toBe(
      'テンプレート newsletter.html:2: フィルター upcaze はありません',
    );
  });

  it.each([
    [{ from: 'news' }, 'from-address'],
    [{ from: 'Shop <news>' }, 'from-address'],
    [{ from: 'A\r\nBcc: x@y.jp <a@b.jp>' }, 'from-address'],
    [{ from: 'a@b.jp, c@d.jp' }, 'from-address'],
    [{ replyTo: 'x' }, 'reply-to-address'],
    [{ subject: 'Hello\r\nBcc: x@y.jp' }, 'subject-control-character'],
    [{ html: null, text: null }, 'no-template'],
  ])('%j: %s', (change, code) => {
    expect(appErrorOf({ ...base, ...change }).code).toBe(code);
  });
});
