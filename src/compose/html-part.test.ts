import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileHtml } from './html-part.ts';
import { defaultLimits } from './liquid-engine.ts';
import { textFromHtml } from './text-from-html.ts';

const options = { limits: defaultLimits, offsetMinutes: 0, nowMs: () => 0 };

function compile(source: string): ReturnType<typeof compileHtml> {
  return compileHtml({ name: 'h.html', source }, options);
}

function render(
  source: string,
  scope: Readonly<Record<string, string>>,
): { html: string; text: string | null } {
  const result = compile(source).render(scope, true);
  if ('failure' in result) throw new Error(result.failure);
  return result;
}

describe('text made from HTML', () => {
  it('keeps links and headings, takes alternative texts, and never wraps', () => {
    const long = 'これはとても長い日本語の段落です。'.repeat(20);
    const source = `<html><head><title>t</title><style>p{}</style></head><body><h1>Autumn 秋</h1><p>${long}</p>
      <img src="https://x.jp/i.png" alt="ロゴ"><p><a href="https://x.jp/{{ id }}">{{ name }}さん専用</a>
      <a href="https://x.jp/{{ id }}">https://x.jp/{{ id }}</a></p><ul><li>{{ name }}</li></ul></body></html>`;
    const { text } = render(source, { id: '7', name: '山田' });
    expect(text).toBe(
      `Autumn 秋\n\n${long}\n\nロゴ\n\n山田さん専用 [https://x.jp/7] https://x.jp/7\n\n * 山田`,
    );
  });

  const shaped = `<html><body><table><tr><td>{{ a }}</td><td>x {{ b }} y</td></tr></table>
    <p>{{ a }}{{ b }}</p><p> {{ c }} </p><h2>{{ b }}</h2>
    {% if a %}<p>A: {{ a | upcase }}</p>{% else %}none<br>{% endif %}
    <ol>{% for part in (1..2) %}<li>{{ c }}{{ part }}</li>{% endfor %}</ol>
    {% assign n = a | size %}<div>{{ n }}<span>{{ b }}</span></div>
    {% case b %}{% when 'x' %}<hr>{% else %}<a href="https://x.jp/?q={{ c | url_encode }}">{{ c }}</a>{% endcase %}
    {{ nil }}{{ 1.5 }}{{ true }}</body></html>`;

  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .array(
        fc.constantFrom(
          ' ',
          '\t',
          '\n',
          '\r\n',
          '\u00a0',
          '\u200b',
          'あ',
          'x',
          '<p>',
          '&nbsp;',
          '&',
          '"',
          '\ue0000\ue001',
          '',
        ),
        { maxLength: 6 },
      )
      .map((parts) => parts.join('')),
  );

  it('equals the conversion of the rendered message, by shape', () => {
    const part = compile(shaped);
    expect(part.textBy).toBe('shape');
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        const scope = { a, b, c };
        const result = part.render(scope, true);
        const alone = part.render(scope, false);
        if ('failure' in result || 'failure' in alone) throw new Error('failed to render');
        expect(alone.text).toBeNull();
        expect(result.html).toBe(alone.html);
        expect(result.text).toBe(textFromHtml(alone.html));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['{% capture x %}{{ a }}{% endcapture %}{{ x | upcase | raw }}', 'message'],
    ['{% echo a | upcase %}', 'message'],
    ['{% if true %}{% liquid echo a %}{% endif %}', 'message'],
    ['<pre>{{ a }}</pre>', 'message'],
    ['\ue000{{ a }}', 'message'],
    ['{{ a | raw }}', 'shape'],
  ])('%s is converted by %s, and right', (source, by) => {
    const part = compile(source);
    expect(part.textBy).toBe(by);
    for (const a of ['<b>x</b>  y', ' ', 'a\n b', '\ue0000\ue001']) {
      const result = part.render({ a }, true);
      const alone = part.render({ a }, false);
      if ('failure' in result || 'failure' in alone) throw new Error('failed to render');
      expect(result.text).toBe(textFromHtml(alone.html));
    }
  });

  it('keeps a bounded number of shapes and stays right beyond it', () => {
    const part = compile(
      '<p>{% if a == b %}{{ a }}{% endif %}{% for i in (1..c) %}<br>{{ i }}{% endfor %}</p>',
    );
    for (let round = 1; round <= 200; round += 1) {
      const scope = { a: 'x', b: 'x', c: String(round % 90) };
      const result = part.render(scope, true);
      if ('failure' in result) throw new Error(result.failure);
      expect(result.text).toBe(textFromHtml(result.html));
    }
  });
});
