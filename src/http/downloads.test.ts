import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { apiWorld } from '../../test/support/http-api.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { createDownloadDesk, createFileStore } from '../attachments/index.ts';
import type { Download } from '../attachments/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import { dispositionHeader, servedType } from './download-headers.ts';
import { downloadRoutes } from './index.ts';

type World = {
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
  /** Puts a file behind a link; gives the path of the link. */
  readonly link: (parts?: Partial<Download> & { readonly bytes?: Buffer }) => Promise<string>;
  readonly folder: string;
  readonly clock: FakeClock;
  readonly troubles: readonly unknown[];
};

function world(): World {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const store = openStore({ folder, clock, create: true });
  onTestFinished(() => store.close());
  const files = createFileStore(join(folder, 'files'));
  const desk = createDownloadDesk({ downloads: store.downloads, files, secret: store.secret, clock });
  const { app, troubles } = apiWorld([downloadRoutes(desk)], {}, clock);
  return {
    folder,
    clock,
    troubles,
    // Bindings as the server gives them, without a socket.
    get: async (path, init) => await app.request(path, init, {}),
    async link({ bytes = Buffer.from('0123456789'), ...parts } = {}) {
      const secret = randomBytes(16).toString('base64url');
      store.downloads.add([
        {
          digest: createHash('sha256').update(secret).digest(),
          content: await files.put(bytes),
          octets: bytes.length,
          filename: 'a.html',
          contentType: 'text/html',
          password: null,
          mail: 'm-1',
          domain: 'example.jp',
          createdMs: clock.now(),
          expiresMs: clock.now() + 1_000,
          allowedOctets: 1_000,
          sentOctets: 0,
          ...parts,
        },
      ]);
      return `/d/${secret}`;
    },
  };
}

describe('a link', () => {
  it('gives a file that no browser runs', async () => {
    const { get, link } = world();
    const response = await get(await link());
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="a.html"; filename*=UTF-8\'\'a.html',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'content-length': '10',
    });
    expect(await response.text()).toBe('0123456789');
  });

  it.each([
    [{ range: 'bytes=2-4' }, 206, '234', 'bytes 2-4/10'],
    [{ range: 'bytes=-3' }, 206, '789', 'bytes 7-9/10'],
    [{ range: 'bytes=10-' }, 416, '', 'bytes */10'],
    [{ range: 'bytes=0-1,3-4' }, 200, '0123456789', null],
    [{ range: 'bytes=2-4', 'if-range': '"other"' }, 200, '0123456789', null],
  ] as const)('answers %j with %i', async (headers, status, text, contentRange) => {
    const { get, link } = world();
    const response = await get(await link(), { headers });
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
      status,
      text,
      contentRange,
    ]);
  });

  it('spares the file for who has it, and for HEAD', async () => {
    const { get, link } = world();
    const path = await link({ allowedOctets: 10 });
    const head = await get(path, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
    const etag = head.headers.get('etag') ?? '';
    expect((await get(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const range = await get(path, { headers: { range: 'bytes=0-9', 'if-range': etag } });
    expect(range.status).toBe(206);
    expect(await range.text()).toBe('0123456789');
    const page = await get(path, { headers: { 'accept-language': 'en' } });
    expect(page.status).toBe(410);
    expect(await page.text()).toContain('downloaded as often as it may be');
  });

  it('gives an empty file', async () => {
    const { get, link } = world();
    const response = await get(await link({ bytes: Buffer.alloc(0) }));
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '0',
      '',
    ]);
  });

  it('whose file somebody has removed leads nowhere', async () => {
    const { get, link, folder, troubles } = world();
    const path = await link();
    rmSync(join(folder, 'files'), { recursive: true });
    expect((await get(path)).status).toBe(404);
    expect(troubles).toEqual([]);
  });

  it('says in the language of the reader that it has expired', async () => {
    const { get, link, clock } = world();
    const path = await link();
    await clock.advance(1_000);
    const page = await get(path, { headers: { 'accept-language': 'ja,en;q=0.5' } });
    expect([page.status, page.headers.get('content-language')]).toEqual([410, 'ja']);
    expect(await page.text()).toContain('期限が切れています');
    expect(await (await get(`${path}?lang=en`)).text()).toContain('has expired');
  });

  it('shows a name in its page as text', async () => {
    const { get, link } = world();
    const path = await link({
      filename: '<img src=x onerror=alert(1)>"&.pdf',
      password: 'scrypt$1$1$1$AA$AA',
    });
    const page = await (await get(path)).text();
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&amp;.pdf');
    expect(page).not.toContain('<img');
  });

  it('takes a form of bounded size, and other methods not at all', async () => {
    const { get, link, troubles } = world();
    const path = await link({ password: 'scrypt$1$1$1$AA$AA' });
    const body = new URLSearchParams({ password: 'x'.repeat(1_000_000) });
    const first = await get(path, { method: 'POST', body });
    expect(troubles).toEqual([]);
    expect(first.status).toBe(403);
    expect((await get(path, { method: 'DELETE' })).status).toBe(405);
    expect(troubles).toEqual([]);
  });

  it('never fails, whatever is asked for', async () => {
    const { get, link, troubles } = world();
    const path = await link({ allowedOctets: 1_000_000_000 });
    const odd = fc.string({ unit: 'binary', maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(odd, fc.string({ maxLength: 40 }), fc.boolean(), async (text, header, known) => {
        const place = known
          ? `${path}?pass=${encodeURIComponent(text.toWellFormed())}`
          : `/d/${encodeURIComponent(text.toWellFormed())}`;
        const headers = { range: `bytes=${header.replaceAll(/[^\x20-\x7e]/g, '')}` };
        const response = await get(place, { headers });
        expect([200, 206, 404, 410, 416]).toContain(response.status);
        await response.body?.cancel();
      }),
      { numRuns: 500 },
    );
    expect(troubles).toEqual([]);
  });
});

it.each([
  ['image/png', 'image/png'],
  ['image/svg+xml', 'application/octet-stream'],
  ['text/html', 'application/octet-stream'],
  ['application/xhtml+xml', 'application/octet-stream'],
  ['application/javascript', 'application/octet-stream'],
  [
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  ],
  ['text/csv', 'text/csv; charset=utf-8'],
  ['text/plain\r\nX: y', 'application/octet-stream'],
])('%s is served as %s', (given, served) => {
  expect(servedType(given)).toBe(served);
});

it('a name in Content-Disposition starts no field and no parameter', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(dispositionHeader(name)).toMatch(
        /^attachment; filename="[ !#$&-[\]-~]*"; filename\*=UTF-8''[\w.!~%-]*$/,
      );
    }),
  );
});
