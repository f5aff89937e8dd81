import { describe, expect, it } from 'vitest';
import { compileTemplateTexts, prepareTemplate } from './index.ts';
import type { TemplateDraft } from './index.ts';

const draft: TemplateDraft = {
  name: 'receipt',
  domain: null,
  subject: 'ご注文 {{ order.number }}',
  html: '<ul>{% for item in order.items %}<li>{{ item.name }} × {{ item.count }}</li>{% endfor %}</ul>',
  mjml: null,
  text: null,
  defaults: {},
};
const anyText: unknown = expect.any(String);
const namesTaro: unknown = expect.stringContaining('太郎 様');
const mail = { address: 'taro@example.jp', dateMs: 0 };

describe('a stored template', () => {
  it('is rendered with nested data, escaped in HTML', async () => {
    const prepared = await prepareTemplate(draft);
    if ('field' in prepared) throw new Error(prepared.text.en);
    const data = {
      order: {
        number: 'A-1',
        items: [
          { name: '<b>米</b>', count: 2 },
          { name: '塩', count: 1 },
        ],
      },
    };
    expect(compileTemplateTexts(prepared).render(data, mail)).toEqual({
      subject: 'ご注文 A-1',
      html: '<ul><li>&lt;b&gt;米&lt;/b&gt; × 2</li><li>塩 × 1</li></ul>',
      text: null,
    });
  });

  it('says which variable a mail lacks', async () => {
    const failure = compileTemplateTexts(draft2()).render({}, mail);
    expect(failure).toMatchObject({ variable: 'name', at: { template: 'text', line: 1 } });
  });

  it('is made of MJML once', async () => {
    const mjml =
      '<mjml><mj-body><mj-section><mj-column><mj-text>{{ name }} 様</mj-text></mj-column></mj-section></mj-body></mjml>';
    const prepared = await prepareTemplate({ ...draft, subject: 's', html: null, mjml });
    if ('field' in prepared) throw new Error(prepared.text.en);
    expect(prepared.html).toContain('{{ name }} 様');
    expect(compileTemplateTexts(prepared).render({ name: '太郎' }, mail)).toMatchObject({
      html: namesTaro,
    });
  });

  it.each([
    ['html', { html: '<p>{{ a </p>' }],
    ['html', { html: '{% for a in b %}' }],
    ['text', { text: '{{ a | nonsense }}' }],
    ['subject', { subject: '{% if %}' }],
    ['subject', { subject: 'a\r\nBcc: b@example.jp' }],
    ['html', { html: "{% include 'x' %}" }],
    ['mjml', { html: null, mjml: '<mjml><mj-nonsense></mjml>' }],
  ])('is refused with its field %s: %j', async (field, wrong) => {
    const prepared = await prepareTemplate({ ...draft, ...wrong });
    expect(prepared).toMatchObject({ field, text: { ja: anyText, en: anyText } });
  });
});

function draft2(): TemplateDraft {
  return { ...draft, subject: 's', html: null, text: '{{ name }} 様' };
}
