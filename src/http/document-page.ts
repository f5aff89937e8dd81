import type { Bilingual, Language } from '../base/index.ts';
import { fieldsOf } from './document-fields.ts';
import type { FieldLine } from './document-fields.ts';
import type { OpenApi } from './openapi.ts';
import { problemFacts } from './problem-facts.ts';
import { pageStyle } from './page-style.ts';

type Reading = { readonly language: Language; readonly scopes: readonly string[] };

type Operation = {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly group: string;
  readonly scope: string | null;
  readonly parameters: readonly { readonly name: string; readonly place: string; readonly doc: string }[];
  readonly body: readonly FieldLine[];
  readonly bodyType: string | null;
  readonly answers: readonly { readonly status: string; readonly fields: readonly FieldLine[] }[];
};

/** The document as one page to read: no script, nothing from elsewhere, so it works offline and everywhere. */
export function documentPage(document: OpenApi, { language, scopes }: Reading): string {
  const say = (text: Bilingual): string => text[language];
  const operations = operationsOf(document, language);
  const groups = [...new Set(operations.map(({ group }) => group))];
  const other = language === 'ja' ? 'en' : 'ja';
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Todoku API</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>Todoku API <small>${escape(document.info.version)}</small></h1>
<nav>${groups.map((group) => `<a href="#${escape(group)}">${escape(group)}</a>`).join(' ')}
<a href="#problems">${say({ ja: 'エラー', en: 'problems' })}</a> <a href="/openapi.json">openapi.json</a>
<a href="/docs?lang=${other}" hreflang="${other}">${other === 'ja' ? '日本語' : 'English'}</a></nav>
</header>
<main>
${introduction(say, scopes)}
${groups.map((group) => groupSection(group, operations, say)).join('\n')}
${problemSection(language)}
</main>
</body>
</html>
`;
}

function introduction(say: (text: Bilingual) => string, scopes: readonly string[]): string {
  return `<section>
<p>${say({
    ja: 'キーは <code>todoku key create 名前</code> で作ります。トークンは一度だけ表示されます。',
    en: 'Make a key with <code>todoku key create NAME</code>; its token is shown once.',
  })}</p>
<pre>curl http://127.0.0.1:8025/v1/messages \\
  -H 'Authorization: Bearer tdk_…' \\
  -H 'Content-Type: application/json' \\
  -H 'Idempotency-Key: order-4711' \\
  -d '{"from":"shop@example.jp","to":"taro@example.com","subject":"ご注文","text":"ありがとうございます。"}'</pre>
<p>${say({
    ja: '202 は、メールがディスクに書かれたことを意味します。以後、停電があっても失われません。',
    en: '202 means that the mail is on the disk: no crash and no power cut loses it from then on.',
  })}</p>
<p>${say({ ja: 'スコープ', en: 'Scopes' })}: ${scopes.map((scope) => `<code>${escape(scope)}</code>`).join(' ')}</p>
</section>`;
}

function groupSection(
  group: string,
  operations: readonly Operation[],
  say: (text: Bilingual) => string,
): string {
  const own = operations.filter((each) => each.group === group);
  return `<section id="${escape(group)}"><h2>${escape(group)}</h2>
${own.map((each) => operationBlock(each, say)).join('\n')}</section>`;
}

function operationBlock(operation: Operation, say: (text: Bilingual) => string): string {
  const { method, path, summary, scope, parameters, body, bodyType, answers } = operation;
  const parts = [
    scope === null ? '' : `<p>${say({ ja: 'スコープ', en: 'scope' })}: <code>${escape(scope)}</code></p>`,
    table(
      say({ ja: 'パラメーター', en: 'parameters' }),
      parameters.map(({ name, place, doc }) => [code(name), escape(place), escape(doc)]),
    ),
    table(`${say({ ja: '本文', en: 'body' })} ${escape(bodyType ?? '')}`, body.map(fieldRow)),
    ...answers.map(({ status, fields }) => table(escape(status), fields.map(fieldRow))),
  ];
  return `<details><summary><b class="${escape(method)}">${escape(method.toUpperCase())}</b> ${code(path)} <span>${escape(summary)}</span></summary>
${parts.filter((part) => part !== '').join('\n')}</details>`;
}

function fieldRow({ name, type, required, doc }: FieldLine): readonly string[] {
  return [`${code(name)}${required ? ' <b title="required">*</b>' : ''}`, escape(type), escape(doc)];
}

function table(title: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<h4>${title}</h4><table>${lines.join('')}</table>`;
}

function problemSection(language: Language): string {
  const rows = Object.entries(problemFacts).map(
    ([name, { status, title, cure }]) =>
      `<tr id="${escape(name)}"><td>${status}</td><td>${code(name)}</td><td>${escape(title[language])}</td><td>${escape(cure[language])}</td></tr>`,
  );
  const heading = language === 'ja' ? 'エラー' : 'Problems';
  return `<section id="problems"><h2>${heading}</h2><table>${rows.join('')}</table></section>`;
}

function operationsOf(document: OpenApi, language: Language): readonly Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (['get', 'post', 'put', 'delete'] as const).flatMap((method) => {
      const found = item[method];
      if (found === undefined) return [];
      const [bodyType, media] = Object.entries(bodyContent(found.requestBody))[0] ?? [];
      const scope: unknown = found['x-scope'];
      return {
        method,
        path,
        summary: (language === 'ja' ? found.description : found.summary) ?? '',
        group: found.tags?.[0] ?? 'other',
        scope: typeof scope === 'string' ? scope : null,
        parameters: (found.parameters ?? []).flatMap((each) =>
          'name' in each ? [{ name: each.name, place: each.in, doc: parameterDoc(each) }] : [],
        ),
        bodyType: bodyType ?? null,
        body: fieldsOf(document, media?.schema),
        answers: answersOf(document, found.responses),
      };
    }),
  );
}

type Media = { readonly schema?: Parameters<typeof fieldsOf>[1] };

function bodyContent(body: object | undefined): Readonly<Record<string, Media>> {
  if (body === undefined || !('content' in body)) return {};
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the generator made it: media type → media
  return body.content as Readonly<Record<string, Media>>;
}

function answersOf(document: OpenApi, responses: object | undefined): Operation['answers'] {
  return Object.entries(responses ?? {})
    .filter(([status]) => status !== 'default')
    .map(([status, response]: [string, object]) => ({
      status,
      fields: fieldsOf(document, bodyContent(response)['application/json']?.schema),
    }));
}

function parameterDoc(parameter: { readonly description?: string; readonly schema?: object }): string {
  const { schema } = parameter;
  const fromSchema = schema !== undefined && 'description' in schema ? String(schema.description) : '';
  return parameter.description ?? fromSchema;
}

function code(text: string): string {
  return `<code>${escape(text)}</code>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
