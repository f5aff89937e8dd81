import { describe, expect, it } from 'vitest';
import { apiWorld } from '../../test/support/http-api.ts';
import * as http from './index.ts';
import type { Api, RouteGroup } from './index.ts';

// What the handlers would work with; none of them is called here.
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing, apply: () => nothing });

/** Every group of routes there is: `(api, parts)`, or `(parts)` that gives the group. */
const groups = Object.entries(http).flatMap(([name, make]): RouteGroup[] => {
  if (!/^[a-z]+Routes$/.test(name) || typeof make !== 'function') return [];
  const call = make as (...parts: unknown[]) => unknown;
  return [make.length === 2 ? (api: Api) => void call(api, nothing) : (call(nothing) as RouteGroup)];
});

type Operation = {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly responses: Readonly<Record<string, unknown>>;
};
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
};

async function read(): Promise<{ readonly document: Document; readonly app: Api['app'] }> {
  const { app } = apiWorld(groups);
  const response = await app.request('/openapi.json');
  return { document: (await response.json()) as Document, app };
}

// These tell of the API and are no part of it.
const about = new Set(['GET /openapi.json', 'GET /docs']);

describe('the document', () => {
  it('has every route, and no other', async () => {
    const { document, app } = await read();
    const routes = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')}`)
      .filter((route) => !about.has(route));
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect([...new Set(routes)].toSorted()).toEqual(described.toSorted());
    expect(described).toEqual(
      expect.arrayContaining(['POST /v1/messages', 'GET /v1/messages/{id}/why', 'GET /v1/events']),
    );
    expect(document.openapi).toBe('3.1.0');
  });

  it('says everything in both languages, and what it names is there', async () => {
    const { document } = await read();
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const { summary = '', description = '', tags = [], responses } = operation;
        const facts = {
          where: `${method} ${path}`,
          en: /[a-z]/.test(summary),
          ja: /[ぁ-んァ-ヶ一-龠]/.test(description),
          tags: tags.length,
          answers: Object.keys(responses).length > 0,
        };
        expect(facts).toEqual({ where: facts.where, en: true, ja: true, tags: 1, answers: true });
      }
    }
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    for (const name of new Set(names)) expect(document.components.schemas).toHaveProperty(name ?? '');
  });

  it.each(['ja', 'en'])('is a page in %s that loads nothing and runs nothing', async (language) => {
    const { app } = await read();
    const response = await app.request('/docs', { headers: { 'accept-language': language } });
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain(`<html lang="${language}">`);
    expect(page).not.toMatch(/<script|<link|<img|src=|javascript:|href="(?:https?:)?\/\/|@import|url\(/i);
    expect(page).toContain('POST</b> <code>/v1/messages</code>');
    expect(page).toContain('<code>attachments[].filename</code>');
    expect(page).toContain('id="idempotency-conflict"');
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const other = language === 'ja' ? 'en' : 'ja';
    expect(await (await app.request(`/docs?lang=${other}`)).text()).toContain(`<html lang="${other}">`);
  });
});
