import type { AccessKey } from '../../access/index.ts';
import type { Clock } from '../../base/index.ts';
import { compileTemplateTexts, prepareTemplate } from '../../templates/index.ts';
import type { Template, TemplateStore } from '../../templates/index.ts';
import {
  newTemplate,
  template as templateSchema,
  templateChange,
  templatePage,
  templateQuery,
} from '../contract/template.ts';
import type { TemplateFields } from '../contract/template.ts';
import { answer } from '../endpoint.ts';
import type { Answer, Api } from '../endpoint.ts';
import { maySee } from '../mail-texts.ts';
import { fieldProblem, problem } from '../problem.ts';
import type { Problem } from '../problem.ts';

export type TemplateParts = { readonly templates: TemplateStore; readonly clock: Clock };

const common = { scope: 'templates', group: 'templates' } as const;

/** Templates that applications store and name in messages. */
export function templateRoutes(api: Api, parts: TemplateParts): void {
  collection(api, parts);
  single(api, parts);
}

function collection(api: Api, parts: TemplateParts): void {
  const { templates } = parts;
  api.endpoint(
    {
      ...common,
      method: 'get',
      path: '/v1/templates',
      summary: { ja: 'テンプレートを名前順に一覧する', en: 'list templates by name' },
      query: templateQuery,
      answers: { 200: templatePage },
    },
    ({ key, query: { limit, cursor = null } }) => {
      const page = templates.list({ domains: key.domains, cursor, limit });
      return answer(200, { data: page.items.map(templateJson), next: page.next });
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'post',
      path: '/v1/templates',
      summary: { ja: 'テンプレートを保存する（保存時に検査）', en: 'store a template; it is compiled now' },
      body: newTemplate,
      answers: { 201: templateSchema },
    },
    async ({ key, body: { name, ...fields } }) => {
      if (templates.find(name) !== null)
        return problem('conflict', {
          detail: { ja: `${name} はすでにあります`, en: `there is a template ${name} already` },
          cure: { ja: '変えるには PUT を使ってください', en: 'PUT changes it' },
        });
      return await put(parts, { key, name, fields }, 201);
    },
  );
}

function single(api: Api, parts: TemplateParts): void {
  const { templates } = parts;
  api.endpoint(
    {
      ...common,
      method: 'get',
      path: '/v1/templates/{name}',
      summary: { ja: 'テンプレートを見る', en: 'look at a template' },
      answers: { 200: templateSchema },
    },
    ({ key, param }) => {
      const found = templates.find(param('name'));
      return found === null || !maySee(key, found) ? problem('not-found') : answer(200, templateJson(found));
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'put',
      path: '/v1/templates/{name}',
      summary: { ja: 'テンプレートを置き換える', en: 'replace a template' },
      body: templateChange,
      answers: { 200: templateSchema },
    },
    async ({ key, param, body }) => {
      const found = templates.find(param('name'));
      if (found === null || !maySee(key, found)) return problem('not-found');
      return mayChange(key, found.domain) ?? (await put(parts, { key, name: found.name, fields: body }, 200));
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'delete',
      path: '/v1/templates/{name}',
      summary: { ja: 'テンプレートを消す', en: 'remove a template' },
      answers: { 204: null },
    },
    ({ key, param }) => {
      const found = templates.find(param('name'));
      if (found === null || !maySee(key, found)) return problem('not-found');
      const refused = mayChange(key, found.domain);
      if (refused !== null) return refused;
      templates.remove(found.name);
      return answer(204);
    },
  );
}

type Putting = { readonly key: AccessKey; readonly name: string; readonly fields: TemplateFields };

async function put(
  { templates, clock }: TemplateParts,
  { key, name, fields }: Putting,
  status: number,
): Promise<Answer | Problem> {
  const { subject, html = null, mjml = null, text = null, defaults = {}, domain = null } = fields;
  const refused = mayChange(key, domain);
  if (refused !== null) return refused;
  if (html !== null && mjml !== null)
    return fieldProblem('mjml', { ja: 'html と一緒には使えません', en: 'does not go together with html' });
  if (html === null && mjml === null && text === null)
    return fieldProblem('html', {
      ja: 'html、mjml、text のどれかが必要です',
      en: 'one of html, mjml and text is needed',
    });
  const prepared = await prepareTemplate({ name, domain, subject, html, mjml, text, defaults });
  if ('field' in prepared) return fieldProblem(prepared.field, prepared.text);
  return answer(status, templateJson(templates.put(prepared, clock.now())));
}

/** A key that is bound to domains changes what is theirs alone. */
function mayChange(key: AccessKey, domain: string | null): Problem | null {
  if (key.domains === null) return null;
  if (domain === null)
    return problem('all-domains-needed', {
      detail: {
        ja: 'domain のないテンプレートは全員のものです',
        en: 'a template without a domain is everybody’s',
      },
      cure: { ja: 'domain にキーのドメインを指定してください', en: 'give it a domain of the key' },
    });
  return key.domains.includes(domain) ? null : problem('domain-not-allowed');
}

function templateJson(template: Template): unknown {
  const { createdMs, updatedMs, ...facts } = template;
  const variables = [...new Set(compileTemplateTexts(template).variables.map(({ name }) => name))].toSorted();
  return {
    ...facts,
    variables,
    createdAt: new Date(createdMs).toISOString(),
    updatedAt: new Date(updatedMs).toISOString(),
  };
}
