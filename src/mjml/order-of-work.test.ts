import fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { expect, test } from 'vitest';
import { loadCompiler } from './compiler.ts';
import { compileMjml } from './index.ts';

const liquid = new Liquid({ strictVariables: true });

const values = { yes: true, no: false, list: ['one', 'two', 'three'], none: [], word: 'word', url: 'u/1' };

/** Liquid around what is generated, for any place where elements stand. */
function wrapped(inner: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    inner,
    fc
      .tuple(fc.constantFrom('yes', 'no', 'word == "word"', '1 < 2'), inner, inner)
      .map(([question, one, other]) => `{% if ${question} %}${one}{% else %}\n${other}{% endif %}`),
    fc
      .tuple(fc.constantFrom('list', 'none', '(1..2)'), inner)
      .map(([list, each]) => `{% for item in ${list} %}${each}{% endfor %}`),
    inner.map((each) => `{% assign later = word %}{% unless no %}${each}{% endunless %}{{ later }}`),
    inner.map((each) => `{% comment %} not < this {{ nobody }} {% endcomment %}${each}`),
  );
}

const output = fc.constantFrom(
  '{{ word }}',
  '{{ url | upcase }}',
  '{% if yes %}a{% else %}b{% endif %}',
  'plain',
  '{{ "x" | append: "y" }}',
);
const leaf = fc.oneof(
  fc
    .tuple(output, output)
    .map(
      ([color, text]) =>
        `<mj-text color="red" css-class="c-${color}">${text} <b title="${text}">b</b></mj-text>`,
    ),
  fc
    .tuple(output, output)
    .map(([src, alt]) => `<mj-image src="https://e.example/${src}" alt="${alt}" href="${src}" />`),
  output.map((href) => `<mj-button href="${href}" title="${href}">go ${href}</mj-button>`),
  output.map(
    (id) =>
      `<mj-social><mj-social-element name="facebook" href="${id}">${id}</mj-social-element></mj-social>`,
  ),
  output.map((cell) => `<mj-table><tr><td>${cell}</td></tr></mj-table>`),
  fc.constant('<mj-divider /><mj-spacer height="{{ word }}" />'),
);
const several = (each: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(wrapped(each), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('\n'));
// The width of a column that has none depends on how many there are, and that only Liquid knows.
const column = several(leaf).map((inside) => `<mj-column width="50%">${inside}</mj-column>`);
const section = fc
  .tuple(several(column), fc.constantFrom('', ' background-color="{{ word }}"', ' css-class="{{ word }}"'))
  .map(([inside, attributes]) => `<mj-section${attributes}>${inside}</mj-section>`);
const body = several(
  fc.oneof(
    section,
    several(section).map((inside) => `<mj-wrapper>${inside}</mj-wrapper>`),
  ),
);
const document = fc
  .tuple(
    fc.constantFrom('', '{% assign shade = word %}'),
    fc.constantFrom('', '<mj-title>{{ word }}</mj-title>'),
    body,
  )
  .map(
    ([before, title, inside]) =>
      `${before}<mjml><mj-head>${title}<mj-attributes><mj-all font-family="Arial" /><mj-text font-family="{{ word }}" /></mj-attributes><mj-style>.a{top:{{ word }}}</mj-style></mj-head><mj-body><mj-section><mj-column width="50%"><mj-text>{{ word }}</mj-text></mj-column></mj-section>${inside}</mj-body></mjml>`,
  );

/** Without what has no meaning: white space, and the ends of Outlook's comments that meet. */
function bare(html: string): string {
  return html
    .replaceAll(/\s+/g, '')
    .replaceAll('<![endif]--><!--[ifmso|IE]>', '')
    .replaceAll(/<style.*?<\/style>/g, (style) => (style.includes('.a{') ? style : ''));
}

test('MJML first and Liquid for each recipient gives what Liquid first and MJML for each recipient would', async () => {
  const { compile } = await loadCompiler();
  await fc.assert(
    fc.asyncProperty(document, async (source) => {
      const { html } = await compileMjml('m.mjml', source);
      const asSent = String(await liquid.parseAndRender(html, values));
      // Text that Liquid leaves between elements MJML would drop: only `{{ later }}` is such.
      const kept = source.replaceAll('{{ later }}', '<mj-raw>{{ later }}</mj-raw>');
      const rendered = String(await liquid.parseAndRender(kept, values));
      const oneByOne = (await compile(rendered)).html;
      expect(bare(asSent)).toBe(bare(oneByOne));
    }),
    { numRuns: 60 },
  );
});
