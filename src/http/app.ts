import { createApi } from './endpoint.ts';
import type { Api, ApiParts } from './endpoint.ts';
import { acceptedLanguage } from './accept-language.ts';
import { documentRoutes } from './routes/document.ts';
import { problem, problemResponse } from './problem.ts';

/** Adds its endpoints; given by every group of routes. */
export type RouteGroup = (api: Api) => void;

export type HttpAppParts = ApiParts & {
  readonly version: string;
  /** Of `messages`, `events`, …; in the order of the documentation. */
  readonly groups: readonly RouteGroup[];
};

/** The whole API: its groups, the document made of them, and an answer for everything else. */
export function createHttpApp(parts: HttpAppParts): Api['app'] {
  const api = createApi(parts);
  for (const group of parts.groups) group(api);
  documentRoutes(api, parts.version);
  const { app } = api;
  for (const [path, methods] of methodsByPath(app)) {
    app.all(path, (context) => {
      const language = acceptedLanguage(context.req.header('accept-language'));
      // RFC 9110 §15.5.6: a 405 names what is allowed.
      return problemResponse(
        problem('method-not-allowed', { headers: { allow: methods.join(', ') } }),
        language,
      );
    });
  }
  app.notFound((context) =>
    problemResponse(problem('not-found'), acceptedLanguage(context.req.header('accept-language'))),
  );
  app.onError((error, context) => {
    parts.trouble(error, { method: context.req.method, path: context.req.path });
    return problemResponse(problem('fault'), acceptedLanguage(context.req.header('accept-language')));
  });
  return app;
}

function methodsByPath(app: Api['app']): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { path, method } of app.routes) {
    const methods = found.get(path) ?? [];
    if (!methods.includes(method)) methods.push(method);
    // Hono answers HEAD with what GET would.
    if (method === 'GET' && !methods.includes('HEAD')) methods.push('HEAD');
    found.set(path, methods);
  }
  return found;
}
