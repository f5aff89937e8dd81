import { describe, expect, it } from 'vitest';
import { compileContent, undefinedVariables } from './index.ts';
import type { CompiledContent, Content } from './index.ts';

function compile(source: string, change: Partial<Content> = {}): CompiledContent {
  const content: Content = {
    from: 'a@b.jp',
    replyTo: null,
    subject: 'x',
    html: null,
    text: { name: 't.txt', source },
    defaults: {},
    ...change,
  };
  return compileContent(content, { signers: [] });
}

/** `name:line:column` of each suspect. */
function suspects(source: string, columns: readonly string[] = []): readonly string[] {
  return undefinedVariables(compile(source), columns).map(
    ({ name, line, column }) => `${name}:${line}:${column}`,
  );
}

function fails(source: string): boolean {
  return compile(source).tryRender({ address: 'a@b.jp', variables: {} }, 0) !== null;
}

describe('undefinedVariables', () => {
  it('names each use with its place', () => {
    expect(suspects('a {{ name }}\n{{ name }}{{ 会員番号 }}')).toEqual([
      'name:1:6',
      'name:2:4',
      '会員番号:2:14',
    ]);
  });

  it('knows columns, email and declared defaults', () => {
    expect(suspects('{{ name }}{{ email }}', ['name'])).toEqual([]);
    const withDefault = compile('{{ name }}', { defaults: { name: 'x' } });
    expect(undefinedVariables(withDefault, [])).toEqual([]);
  });

  it('looks at the subject and both templates', () => {
    const compiled = compile('{{ a }}', { subject: '{{ b }}', html: { name: 'h.html', source: '{{ c }}' } });
    expect(compiled.variables.map(({ name, template }) => `${template}:${name}`)).toEqual([
      'subject:b',
      'h.html:c',
      't.txt:a',
    ]);
  });

  // Suspected here, and failing when rendered without the variable: the two must agree on these.
  it.each([
    ['{{ x }}', 'x:1:4'],
    ['{{ x.y }}', 'x:1:4'],
    ['{{ "a" | append: x }}', 'x:1:18'],
    ['{{ x | upcase | default: "a" }}', 'x:1:4'],
    ['{% for i in x %}{{ i }}{% endfor %}', 'x:1:13'],
    ['{% if x %}{% else %}{{ x }}{% endif %}', 'x:1:24'],
    ['{% unless x %}{{ x }}{% endunless %}', 'x:1:18'],
    ['{% if x != "a" %}{{ x }}{% endif %}', 'x:1:21'],
    ['{% if x or true %}{{ x }}{% endif %}', 'x:1:22'],
    ['{% echo x %}', 'x:1:9'],
  ])('suspects %s, rightly', (source, place) => {
    expect(suspects(source)).toEqual([place]);
    expect(fails(source)).toBe(true);
  });

  it.each([
    '{{ x | default: "a" }}',
    '{% echo x | default: "a" %}',
    '{% if x %}{{ x }}{% endif %}',
    '{% if x and y %}{{ x }}{{ y | append: x }}{% endif %}',
    '{% if x %}{% for i in x %}{{ x }}{% endfor %}{% endif %}',
    '{% if a %}{% elsif x %}{{ x }}{% endif %}',
    '{% unless x %}a{% endunless %}',
    '{% case x %}{% when "a" %}b{% endcase %}',
    '{% assign y = x %}{{ y }}',
    '{% for i in (1..2) %}{{ i }}{{ forloop.index }}{% endfor %}',
    '{% capture y %}a{% endcapture %}{{ y }}',
  ])('does not suspect %s, rightly', (source) => {
    expect(suspects(source)).toEqual([]);
    expect(fails(source)).toBe(false);
  });

  it.each([
    ['{% if plan == "gold" %}{{ coupon }}{% endif %}', 'coupon:1:27'],
    ['{% if coupon != blank %}{{ coupon }}{% endif %}', 'coupon:1:28'],
  ])('suspects without harm what stands in a branch never taken: tryRender decides: %s', (source, place) => {
    expect(suspects(source)).toEqual([place]);
    expect(fails(source)).toBe(false);
  });
});
