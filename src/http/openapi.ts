import type { Api } from './endpoint.ts';

export type OpenApi = ReturnType<Api['app']['getOpenAPI31Document']>;

/** OpenAPI 3.1, out of the same descriptions that the router was made of. */
export function openApiDocument(app: Api['app'], version: string): OpenApi {
  registerKey(app);
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Todoku 届く',
      version,
      description:
        'Mail that arrives, and says why. Errors are RFC 9457 problem details in English or Japanese (Accept-Language). / エラーは RFC 9457 の problem details（Accept-Language で日本語）。',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

function registerKey(app: Api['app']): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: '`todoku key create` / `tdk_…`',
  });
}
