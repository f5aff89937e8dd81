import { expect, test } from 'vitest';
import { AppError } from '../base/index.ts';
import { compileMjml } from './index.ts';

/** What a source is refused with, in one line. */
async function refusal(
  source: string,
): Promise<{ readonly code: string; readonly en: string; readonly ja: string }> {
  try {
    await compileMjml('m.mjml', source);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, en: error.line('en'), ja: error.line('ja') };
  }
  throw new Error('not refused');
}

const inBody = (source: string): string => `<mjml>\n<mj-body>\n${source}\n</mj-body>\n</mjml>`;
const inColumn = (source: string): string =>
  inBody(`<mj-section><mj-column>\n${source}\n</mj-column></mj-section>`);
const inHead = (source: string): string =>
  `<mjml>\n<mj-head>\n${source}\n</mj-head><mj-body><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section></mj-body></mjml>`;

test.each([
  ['an element that is none', inColumn('<mj-txt>x</mj-txt>'), 4, 'MJML has no element <mj-txt>'],
  ['HTML between elements', inColumn('<p>x</p>'), 4, 'MJML has no element <p>'],
  [
    'an attribute that is none',
    inColumn('<mj-text\n colour="red">x</mj-text>'),
    4,
    '<mj-text>: Attribute colour is illegal',
  ],
  [
    'the line behind Liquid of several lines',
    inColumn('{% if\n\n x %}{% endif %}\n<mj-text colour="red">x</mj-text>'),
    7,
    'Attribute colour is illegal',
  ],
  [
    'a value that is none',
    inColumn('<mj-text color="re d">x</mj-text>'),
    4,
    '<mj-text>: Attribute color has invalid value: re d',
  ],
  [
    'an element in the wrong place',
    inBody('<mj-text>x</mj-text>'),
    3,
    'mj-text cannot be used inside mj-body',
  ],
  [
    'an element that is not closed',
    inBody('<mj-section><mj-column>\n</mj-section>'),
    3,
    '<mj-column> is not closed',
  ],
  [
    'a text that is not closed',
    inBody('<mj-section>\n<mj-column><mj-text>x</mj-column></mj-section>'),
    4,
    'is not closed',
  ],
  [
    'text between elements',
    inColumn('<mj-text>x</mj-text>\n hello'),
    5,
    'MJML drops text between elements: hello',
  ],
  [
    'text beside Liquid',
    inColumn('{% if a %} hello {% endif %}'),
    4,
    'MJML drops text between elements: hello',
  ],
  ['CDATA between elements', inColumn('<![CDATA[ {{ x }} ]]>'), 4, 'MJML drops text between elements'],
  [
    'an element where only text is read',
    inColumn('<mj-text>\n<mj-button>x</mj-button></mj-text>'),
    5,
    '<mj-button> inside <mj-text> is not read as MJML',
  ],
  ['mj-include', inColumn('<mj-include path="/etc/passwd" />'), 4, '<mj-include> is not available'],
  ['a second body', '<mjml><mj-body></mj-body>\n<mj-body></mj-body></mjml>', 2, '<mj-body> is out of place'],
  ['no mjml at all', '<p>x</p>', 1, '<p> is out of place'],
  ['no body', '<mjml></mjml>', 1, 'there is no <mjml> or <mj-body>'],
  ['nesting without end', inBody('<mj-wrapper>'.repeat(60)), 3, 'at most 5000, 50 deep'],
])('one line names the place: %s', async (_, source, line, en) => {
  const said = await refusal(source);
  expect(said.code).toBe('template-mjml');
  expect(said.en).toContain(`template m.mjml:${line}: `);
  expect(said.en).toContain(en);
  expect(said.ja).toContain(`テンプレート m.mjml:${line}: `);
  expect(said.en).not.toContain('\n');
});

test.each([
  [
    'a block in the head',
    inHead('{% if a %}<mj-style>.a {}</mj-style>{% endif %}'),
    3,
    '{% if a %} cannot stand between the elements of <mj-head>',
  ],
  [
    'a block beside the head',
    '<mjml>{% if a %}<mj-body></mj-body>{% endif %}</mjml>',
    1,
    '{% if a %} cannot stand between the elements of <mjml>',
  ],
  [
    'output beside the body',
    '<mjml><mj-body></mj-body>\n{{ a }}</mjml>',
    2,
    '{{ a }} cannot stand between the elements of <mjml>',
  ],
  [
    'pictures of a carousel',
    inColumn('<mj-carousel>{% for i in is %}<mj-carousel-image src="{{ i }}" />{% endfor %}</mj-carousel>'),
    4,
    '{% for i in is %} cannot stand between the elements of <mj-carousel>',
  ],
  [
    'defaults',
    inHead('<mj-attributes>\n{% if a %}<mj-text color="red" />{% endif %}</mj-attributes>'),
    4,
    '{% if a %} cannot stand between the elements of <mj-attributes>',
  ],
  [
    'attributes under a condition',
    inColumn('<mj-text {% if a %}color="red"{% endif %}>x</mj-text>'),
    4,
    '{% if a %} cannot stand at this place of an MJML tag',
  ],
  [
    'an attribute given twice',
    inColumn('<mj-text color="{{ a }}" color="{{ b }}">x</mj-text>'),
    4,
    '{{ b }} cannot stand at this place',
  ],
  ['an element by Liquid', inColumn('<mj-{{ a }}>x</mj-text>'), 4, 'cannot stand at this place'],
  [
    'a class that is looked up',
    inColumn('<mj-text mj-class="{{ a }}">x</mj-text>'),
    4,
    'MJML leaves {{ a }} out of its output',
  ],
  [
    'a default for what there is not',
    inHead('<mj-attributes><mj-divider border-color="{{ a }}" /></mj-attributes>'),
    3,
    'MJML leaves {{ a }} out of its output',
  ],
  [
    'a network that is looked up',
    inColumn('<mj-social><mj-social-element name="{{ a }}">x</mj-social-element></mj-social>'),
    4,
    '{{ a }}',
  ],
  ['a comment outside all', `<!-- {{ a }} -->${inColumn('')}`, 1, 'MJML leaves {{ a }} out of its output'],
  [
    'a width',
    inBody('<mj-section>\n<mj-column width="{{ w }}"><mj-image src="a" /></mj-column></mj-section>'),
    4,
    '{{ w }}',
  ],
  [
    'a padding that counts',
    inBody('<mj-section padding="{{ p }}"><mj-column><mj-image src="a" /></mj-column></mj-section>'),
    3,
    'MJML calculates with padding of <mj-section>, so {{ p }} comes too late',
  ],
  [
    'a border that counts',
    inBody('<mj-section border="{{ b }}"><mj-column><mj-image src="a" /></mj-column></mj-section>'),
    3,
    'MJML calculates with border of <mj-section>',
  ],
  [
    'a word that decides',
    inBody(
      '<mj-section direction="{{ d }}"><mj-column><mj-text>x</mj-text></mj-column></mj-section>\n<mj-section full-width="{{ f }}"></mj-section>',
    ),
    4,
    '{{ f }}',
  ],
  [
    'a counter that is repeated',
    inHead('<mj-title>{% increment n %}</mj-title>'),
    3,
    'MJML moves or repeats {% increment n %}',
  ],
  [
    'a name that means something else inside',
    `<mjml><mj-head>\n<mj-attributes><mj-text color="{{ p }}" /></mj-attributes></mj-head><mj-body><mj-section><mj-column>{% for p in ps %}<mj-text>x</mj-text>{% endfor %}</mj-column></mj-section></mj-body></mjml>`,
    2,
    'MJML moves or repeats {{ p }}',
  ],
  [
    'a value given too late',
    inHead('<mj-title>{{ a }}</mj-title>\n{% assign a = 1 %}'),
    3,
    'MJML moves or repeats {{ a }}',
  ],
])('Liquid that would be lost or changed is named: %s', async (_, source, line, en) => {
  const said = await refusal(source);
  expect(said.en).toContain(en);
  expect(said.code).toBe('template-mjml-liquid');
  expect(said.en).toContain(`template m.mjml:${line}: `);
  expect(said.ja).toContain(`テンプレート m.mjml:${line}: `);
  expect(said.en).toMatch(/ — .+$/);
  expect(said.en).not.toContain('\n');
});

test('more HTML than a template may have is refused', async () => {
  const many = '<mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section>'.repeat(1_200);
  const said = await refusal(inBody(many));
  expect(said.code).toBe('template-mjml-size');
  expect(said.en).toContain('2000000 characters');
});

test('more Liquid than can be proved is refused at the first piece too many', async () => {
  const said = await refusal(inColumn(`<mj-text>${'{{ a }}\n'.repeat(5_001)}</mj-text>`));
  expect(said).toMatchObject({ code: 'template-mjml' });
  expect(said.en).toContain('m.mjml:5004: too many pieces of Liquid (at most 5000)');
});
