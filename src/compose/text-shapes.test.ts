import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, defaultLimits } from './liquid-engine.ts';
import { textOfOutputs } from './render-frame.ts';
import { parseTemplate } from './template.ts';
import { createTemplateRenderer } from './template-renderer.ts';
import { textFromHtml } from './text-from-html.ts';
import { TextShapes } from './text-shapes.ts';
import { escapeHtml, textOf } from './value-text.ts';

type Variables = Readonly<Record<string, string>>;
type Both = { readonly html: string; readonly text: string };

/** Renders for one recipient after the other, with the shapes kept between them. */
function compile(source: string): (variables: Variables) => Both {
  const limits = defaultLimits;
  const escape = (value: unknown): string => escapeHtml(textOf(value));
  const engine = createEngine({ limits, offsetMinutes: 0, nowMs: () => 0, escape });
  const renderer = createTemplateRenderer(parseTemplate(engine, 'h.html', source), {
    engine,
    defaults: {},
    limits,
  });
  const shapes = new TextShapes();
  return (variables) => {
    const scope = (): Record<string, unknown> => ({ ...variables });
    const outputs = renderer.render({ address: 'a@b.jp', variables, unsubscribeUrl: null, scope });
    if ('failure' in outputs) throw new Error(outputs.failure);
    return { html: textOfOutputs(outputs, true), text: textOfOutputs(shapes.text(outputs), false) };
  };
}

function render(source: string, variables: Variables): Both {
  return compile(source)(variables);
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
    const both = compile(shaped);
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        const { html, text } = both({ a, b, c });
        expect(text).toBe(textFromHtml(html));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '{% capture x %}{{ a }}{% endcapture %}{{ x | upcase | raw }}',
    '{% echo a | upcase %}',
    '{% if true %}{% liquid echo a %}{% endif %}',
    '<pre>{{ a }}</pre>',
    '\ue000{{ a }}',
    '{{ a | raw }}',
    '<h{{ a }}>x</h{{ a }}>y',
    '<{{ a }}>x',
    '<ol start="{{ a }}"><li>x</li></ol>',
    '<!-- {{ a }} --><p>{{ a }}</p>',
    '<a href="{{ a }}">x</a><a href="{{ a }}">{{ a }}</a>',
    '<p title={{ a }}>x</p>',
    '{% tablerow i in (1..2) %}{{ a }}{% endtablerow %}',
  ])('%s is right', (source) => {
    const both = compile(source);
    for (const a of [
      '<b>x</b>  y',
      ' ',
      'a\n b',
      '\ue0000\ue001',
      '1',
      '2',
      '7',
      '#top',
      'mailto:a@b.jp',
      '<pre>',
    ]) {
      const { html, text } = both({ a });
      expect(text).toBe(textFromHtml(html));
    }
  });

  it('keeps a bounded number of shapes and stays right beyond it', () => {
    const both = compile(
      '<p>{% if a == b %}{{ a }}{% endif %}{% for i in (1..c) %}<br>{{ i }}{% endfor %}</p>',
    );
    for (let round = 1; round <= 200; round += 1) {
      const { html, text } = both({ a: 'x', b: 'x', c: String(round % 90) });
      expect(text).toBe(textFromHtml(html));
    }
  });
});
