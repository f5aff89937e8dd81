import type { Api } from '../endpoint.ts';
import { scopes } from '../../access/index.ts';
import { acceptedLanguage } from '../accept-language.ts';
import { documentPage } from '../document-page.ts';
import { openApiDocument } from '../openapi.ts';
import type { OpenApi } from '../openapi.ts';

// An hour: it changes with the version only.
const cacheHeader = 'public, max-age=3600';

/** `/openapi.json`, and the same to read at `/docs`. Both are made once, when first asked for. */
export function documentRoutes(api: Api, version: string): void {
  const { app } = api;
  let made: OpenApi | null = null;
  const document = (): OpenApi => (made ??= openApiDocument(app, version));
  app.get('/openapi.json', () => Response.json(document(), { headers: { 'cache-control': cacheHeader } }));
  app.get('/docs', (context) => {
    const asked = context.req.query('lang');
    const language =
      asked === 'ja' || asked === 'en' ? asked : acceptedLanguage(context.req.header('accept-language'));
    const page = documentPage(document(), { language, scopes });
    return new Response(page, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-language': language,
        'cache-control': cacheHeader,
        vary: 'accept-language',
        // Nothing is loaded and nothing runs: the page is text with a style of its own.
        'content-security-policy':
          "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
        'x-content-type-options': 'nosniff',
      },
    });
  });
}
