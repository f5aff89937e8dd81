import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { readRange } from '../../attachments/index.ts';
import type { ByteRange, Download, DownloadDesk } from '../../attachments/index.ts';
import type { Language } from '../../base/index.ts';
import { acceptedLanguage } from '../accept-language.ts';
import type { RouteGroup } from '../app.ts';
import { readBody } from '../body.ts';
import { dispositionHeader, servedType } from '../download-headers.ts';
import { downloadPage } from '../download-page.ts';
import type { DownloadPage } from '../download-page.ts';
import type { Api, HttpEnvironment } from '../endpoint.ts';

// A password of 200 characters, percent-encoded, and its name.
const longestFormBytes = 4_096;
// Most downloads take seconds.
const busySeconds = 30;

/** `/d/{secret}`: files behind the links of mails, for recipients without an account. */
export function downloadRoutes(desk: DownloadDesk): RouteGroup {
  return (api) => {
    describe(api);
    // Hono answers HEAD with this too.
    api.app.get('/d/:secret', async (context) => await give(desk, context));
    api.app.post('/d/:secret', async (context) => await unlock(desk, context));
  };
}

type Asked = Context<HttpEnvironment>;

async function give(desk: DownloadDesk, context: Asked): Promise<Response> {
  const secret = context.req.param('secret') ?? '';
  const looked = desk.look(secret, context.req.query('pass') ?? null);
  if (looked.kind === 'locked') return page(context, 403, { kind: 'locked', download: looked.download });
  if (looked.kind !== 'ready') return page(context, looked.kind === 'absent' ? 404 : 410, looked);
  const { download } = looked;
  const etag = `"${download.content.slice(0, 32)}"`;
  const headers = fileHeaders(download, etag);
  if (matches(context.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  // RFC 9110 §13.1.5: a range of another content than the one it was begun with would be of no use.
  const condition = context.req.header('if-range');
  const asked = condition === undefined || condition === etag ? context.req.header('range') : undefined;
  const range = readRange(asked ?? null, download.octets);
  if (range === 'unsatisfiable') {
    const unmet = { ...headers, 'content-length': '0', 'content-range': `bytes */${download.octets}` };
    return new Response(null, { status: 416, headers: unmet });
  }
  const whole: ByteRange = { start: 0, end: download.octets - 1 };
  const sent = range === 'whole' ? whole : range;
  if (range !== 'whole') headers['content-range'] = `bytes ${sent.start}-${sent.end}/${download.octets}`;
  headers['content-length'] = String(sent.end - sent.start + 1);
  const status = range === 'whole' ? 200 : 206;
  if (context.req.method === 'HEAD') return new Response(null, { status, headers });
  const body = await desk.take(download, sent);
  if (body === 'spent') return page(context, 410, { kind: body });
  if (body === 'absent') return page(context, 404, { kind: body });
  if (body === 'busy') return page(context, 503, { kind: 'busy', waitSeconds: busySeconds });
  return new Response(body, { status, headers });
}

function fileHeaders(download: Download, etag: string): Record<string, string> {
  return {
    ...safeHeaders,
    'content-type': servedType(download.contentType),
    'content-disposition': dispositionHeader(download.filename),
    'content-security-policy': "default-src 'none'; sandbox",
    'accept-ranges': 'bytes',
    etag,
  };
}

function matches(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((each) => each.trim().replace(/^W\//, '') === etag) ?? false;
}

async function unlock(desk: DownloadDesk, context: Asked): Promise<Response> {
  const secret = context.req.param('secret') ?? '';
  const looked = desk.look(secret, null);
  if (looked.kind === 'ready') return redirect(secret, null);
  if (looked.kind !== 'locked') return page(context, looked.kind === 'absent' ? 404 : 410, looked);
  const source = { incoming: context.env.incoming, request: context.req.raw };
  const body = await readBody(source, longestFormBytes);
  const password =
    typeof body === 'string' ? '' : (new URLSearchParams(body.toString('utf8')).get('password') ?? '');
  const unlocked = await desk.unlock(secret, password);
  const { download } = looked;
  switch (unlocked.kind) {
    case 'open':
      return redirect(secret, unlocked.pass);
    case 'absent':
      return page(context, 404, { kind: 'absent' });
    case 'wrong':
      return page(context, 403, { kind: 'wrong', download });
    case 'slow-down':
      return page(context, 429, { kind: 'slow-down', download, waitSeconds: unlocked.waitSeconds });
  }
}

function redirect(secret: string, pass: string | null): Response {
  const query = pass === null ? '' : `?pass=${encodeURIComponent(pass)}`;
  // RFC 9110 §15.4.4: GET it there.
  return new Response(null, {
    status: 303,
    headers: { ...safeHeaders, location: `/d/${encodeURIComponent(secret)}${query}` },
  });
}

function page(context: Asked, status: number, shown: DownloadPage): Response {
  const asked = context.req.query('lang');
  const language: Language =
    asked === 'ja' || asked === 'en' ? asked : acceptedLanguage(context.req.header('accept-language'));
  const { html, policy } = downloadPage(shown, language);
  const wait = 'waitSeconds' in shown ? { 'retry-after': String(shown.waitSeconds) } : {};
  return new Response(html, {
    status,
    headers: {
      ...safeHeaders,
      ...wait,
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': policy,
      vary: 'accept-language',
    },
  });
}

/** Nobody guesses types, keeps copies, finds it by searching, or learns the link from where a reader goes next. */
const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-store',
  'x-robots-tag': 'noindex, nofollow',
  'referrer-policy': 'no-referrer',
} as const;

function describe({ app }: Api): void {
  const params = z.object({ secret: z.string() });
  const file = {
    content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
  };
  const html = { content: { 'text/html': { schema: z.string() } } };
  const ended = {
    404: { description: 'no such link', ...html },
    410: { description: 'its time is over, or it was downloaded as often as allowed', ...html },
  };
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/d/{secret}',
    summary: 'the file behind a download link of a mail',
    description: 'メールのダウンロードリンクのファイル',
    tags: ['downloads'],
    security: [],
    request: { params, query: z.object({ pass: z.string().optional() }) },
    responses: {
      200: { description: 'the file', ...file },
      206: { description: 'a range of it', ...file },
      403: { description: 'a page that asks for the password', ...html },
      416: { description: 'no such range' },
      503: { description: 'too many are downloading', ...html },
      ...ended,
    },
  });
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/d/{secret}',
    summary: 'open a download link with its password',
    description: 'パスワードでダウンロードリンクを開く',
    tags: ['downloads'],
    security: [],
    request: {
      params,
      body: {
        content: { 'application/x-www-form-urlencoded': { schema: z.object({ password: z.string() }) } },
      },
    },
    responses: {
      303: { description: 'the file is there for an hour' },
      403: { description: 'not the password', ...html },
      429: { description: 'too many tries', ...html },
      ...ended,
    },
  });
}
