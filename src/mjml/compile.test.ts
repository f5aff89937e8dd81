import { Liquid } from 'liquidjs';
import { expect, test } from 'vitest';
import { compileMjml } from './index.ts';

const compiled = async (source: string): Promise<string> => (await compileMjml('m.mjml', source)).html;

/** A body with this among its sections, in a section, or in a column. */
const inBody = (source: string): string => `<mjml><mj-body>${source}</mj-body></mjml>`;
const inSection = (source: string): string => inBody(`<mj-section>${source}</mj-section>`);
const inColumn = (source: string): string => inSection(`<mj-column>${source}</mj-column>`);
const section = (text: string): string =>
  `<mj-section><mj-column><mj-text>${text}</mj-text></mj-column></mj-section>`;

/** All Liquid in its order. */
function liquidIn(html: string): readonly string[] {
  return [...html.matchAll(/\{%.*?%\}|\{\{.*?\}\}/gs)].map(([piece]) => piece);
}

test('Liquid between elements stays where it stood', async () => {
  const html = await compiled(
    inBody(`{% if vip %}${section('A')}{% else %}${section('B')}{% endif %}{{ html | raw }}`),
  );
  expect(liquidIn(html)).toEqual(['{% if vip %}', '{% else %}', '{% endif %}', '{{ html | raw }}']);
  expect(html).toMatch(
    /\{% if vip %\}.*>A<\/div>.*\{% else %\}.*>B<\/div>.*\{% endif %\}\s*\{\{ html \| raw \}\}/s,
  );
  expect(html).not.toContain('mj-raw');
  const liquid = new Liquid();
  const shown = await Promise.all(
    [true, false].map(async (vip): Promise<string> => String(await liquid.parseAndRender(html, { vip }))),
  );
  expect(shown.map((text) => [text.includes('>A<'), text.includes('>B<')])).toEqual([
    [true, false],
    [false, true],
  ]);
});

test.each([
  [
    'columns',
    inSection('{% for p in ps %}<mj-column width="50%"><mj-text>{{ p }}</mj-text></mj-column>{% endfor %}'),
  ],
  ['what is in a column', inColumn('{% for p in ps %}<mj-text>{{ p }}</mj-text>{% endfor %}')],
  [
    'a group',
    inSection('<mj-group>{% if a %}<mj-column><mj-text>x</mj-text></mj-column>{% endif %}</mj-group>'),
  ],
  ['a wrapper', inBody(`<mj-wrapper>{% if a %}${section('{{ b }}')}{% endif %}</mj-wrapper>`)],
  ['a hero', inBody('<mj-hero>{% if a %}<mj-text>{{ b }}</mj-text>{% endif %}</mj-hero>')],
  [
    'icons',
    inColumn(
      '<mj-social>{% if a %}<mj-social-element name="facebook" href="{{ b }}" />{% endif %}</mj-social>',
    ),
  ],
  [
    'a menu',
    inColumn('<mj-navbar>{% for l in ls %}<mj-navbar-link>{{ l }}</mj-navbar-link>{% endfor %}</mj-navbar>'),
  ],
  [
    'an accordion',
    inColumn(
      '<mj-accordion>{% if a %}<mj-accordion-element><mj-accordion-title>{{ t }}</mj-accordion-title></mj-accordion-element>{% endif %}</mj-accordion>',
    ),
  ],
  ['a table', inColumn('<mj-table>{% for r in rs %}<tr><td>{{ r }}</td></tr>{% endfor %}</mj-table>')],
  ['HTML in a text', inColumn('<mj-text><p {% if a %}class="{{ c }}"{% endif %}>{{ d }}<br></p></mj-text>')],
  [
    'what the sender wrapped',
    inBody(`<mj-raw>{% if a %}</mj-raw>${section('x')}<mj-raw>{% endif %}</mj-raw>`),
  ],
  [
    'comments',
    inBody(`<!-- {{ a }} -->${section('x')}<!--[if mso]>{% if b %}<b>{{ c }}</b>{% endif %}<![endif]-->`),
  ],
  [
    'comments of Liquid',
    inBody(`{% comment %} a < b {{ c }} <mj-text> {% endcomment %}${section('{% # d %}')}`),
  ],
  [
    'signs that XML does not allow',
    inBody(`{% if a < b and c > "<d>" %}${section('{{ e | append: "&\'" }}')}{% endif %}`),
  ],
])('each piece stands once, in its order: %s', async (_, source) => {
  expect(
    liquidIn(await compiled(source)).filter((piece) => piece !== '{{ b }}' || !source.includes('href')),
  ).toEqual(liquidIn(source).filter((piece) => piece !== '{{ b }}' || !source.includes('href')));
});

test('Liquid in attributes is written as it was, each time that MJML repeats it', async () => {
  const html = await compiled(
    inSection(
      '<mj-column css-class="a {{ k }}" width="50%"><mj-image src="{{ u | append: "?a=1&b=<2>" }}" href=\'{% if x %}{{ x }}{% else %}https://e.example/{% endif %}\' alt="{{ a }}" /></mj-column>',
    ),
  );
  expect(html).toContain('src="{{ u | append: "?a=1&b=<2>" }}"');
  expect(html).toContain('href="{% if x %}{{ x }}{% else %}https://e.example/{% endif %}"');
  expect(html).toContain('alt="{{ a }}"');
  expect(html).toContain('class="a-outlook {{ k }}-outlook"');
  expect(html).toMatch(/class="mj-column-per-50 mj-outlook-group-fix a \{\{ k \}\}"/);
});

test('colours and heights may be Liquid', async () => {
  const html = await compiled(
    inBody(
      '<mj-section background-color="{{ c }}"><mj-column><mj-spacer height="{{ h }}px" /><mj-text padding="{{ p }}" font-size="{{ s }}">x</mj-text></mj-column></mj-section>',
    ),
  );
  expect(html).toContain('background-color:{{ c }}');
  expect(html).toContain('height:{{ h }}px;line-height:{{ h }}px');
  expect(html).toContain('padding:{{ p }}');
  expect(html).toContain('font-size:{{ s }}');
});

test('what stands before, after and in the head keeps its meaning', async () => {
  const html = await compiled(
    `{% assign a = 1 %}\n<mjml lang="{{ l }}">{% assign b = 2 %}<mj-head><mj-title>{{ t }}</mj-title><mj-preview>{{ p }}</mj-preview>{% assign c = "red" %}<mj-attributes><mj-text color="{{ c }}" /></mj-attributes><mj-style>.x { color: {{ c }} }{% if a %}.y { top: 0 }{% endif %}</mj-style>{{ h }}</mj-head>{% assign d = 3 %}<mj-body>{% if e %}${section('x')}{% endif %}</mj-body></mjml>{% comment %}end{% endcomment %}`,
  );
  expect(html).toMatch(
    /^\{% assign a = 1 %\}\{% assign b = 2 %\}\{% assign c = "red" %\}\{% assign d = 3 %\}<!doctype html>/,
  );
  expect(html).toMatch(/<\/html>\s*\{% comment %\}end\{% endcomment %\}$/);
  expect(html).toContain('<html lang="{{ l }}"');
  expect(html).toContain('<title>{{ t }}</title>');
  expect(html).toContain('aria-label="{{ t }}"');
  expect(html).toMatch(/\{\{ h \}\}\s*<\/head>/);
  expect(html).toMatch(/\{% if e %\}.*color:\{\{ c \}\};"\s*>x<\/div>.*\{% endif %\}/s);
});

test('each piece of the HTML knows its place in the MJML', async () => {
  const source = `{% assign a = 1 %}\n<mjml><mj-body>\n{% if\n a %}\n${section('b\n  {{ c }}')}{% endif %}</mj-body></mjml>`;
  const { html, places } = await compileMjml('m.mjml', source);
  const inHtml = html.split('\n');
  const inMjml = source.split('\n');
  const heads = places.map(([row, column, line, mjmlColumn]) => [
    inHtml[row - 1]?.slice(column - 1).slice(0, 5),
    inMjml[line - 1]?.slice(mjmlColumn - 1).slice(0, 5),
  ]);
  expect(heads).toEqual([
    ['{% as', '{% as'],
    ['{% if', '{% if'],
    ['{{ c ', '{{ c '],
    ['{% en', '{% en'],
  ]);
  expect(places.map(([, , line]) => line)).toEqual([1, 3, 6, 6]);
});

test('the folder that one works in changes nothing', async () => {
  // mjml-core would load what `.mjmlconfig` names; src/mjml/compiler.ts says how that is prevented.
  const html = await compiled(inBody(section('x')));
  expect(html).toContain('>x</div>');
  expect(process.env['MJML_BROWSER']).toBeUndefined();
});
