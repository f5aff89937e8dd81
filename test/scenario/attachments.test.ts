import { writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { SMTPServer } from 'smtp-server';
import { eicar, fakeClamd } from '../support/fake-clamd.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku, startTodoku, whyAnswer } from '../support/todoku-run.ts';
import type { TodokuRun } from '../support/todoku-run.ts';

type Arrived = { readonly to: string; readonly bytes: Buffer };

/** Takes mail of any size and keeps all of it. */
async function startReceiver(): Promise<{ readonly port: number; readonly arrived: Arrived[] }> {
  const arrived: Arrived[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const bytes = Buffer.concat(chunks);
        arrived.push(...session.envelope.rcptTo.map(({ address }) => ({ to: address, bytes })));
        done();
      });
    },
  });
  onTestFinished(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  });
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      const place = listening.address();
      resolve(typeof place === 'object' && place !== null ? place.port : 0);
    });
  });
  return { port, arrived };
}

type Site = {
  readonly folder: string;
  readonly serve: TodokuRun;
  readonly base: string;
  /** Sends JSON with a key. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Response>;
};

async function site(port: number, more: object = {}): Promise<Site> {
  const folder = temporaryFolder();
  const config = {
    delivery: { hostname: 'mail.shop.example', routes: [{ domain: '*', host: '127.0.0.1', port }] },
    domains: [{ name: 'shop.example' }, { name: 'test.example', sandbox: true }],
    http: { listen: '127.0.0.1:0', publicUrl: 'https://mail.shop.example/' },
    attachments: { rules: [{ domain: '*.go.jp', tooLarge: 'split' }] },
    ...more,
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  const made = await runTodoku(folder, ['key', 'create', 'shop', '--json']);
  const { token } = JSON.parse(made.stdout) as { token: string };
  const serve = startTodoku(folder, ['serve', '--json']);
  const { doors } = JSON.parse(await serve.printed(/"started"/)) as {
    doors: { name: string; places: { port: number }[] }[];
  };
  const base = `http://127.0.0.1:${doors.find(({ name }) => name === 'http')?.places[0]?.port ?? 0}`;
  return {
    folder,
    serve,
    base,
    call: async (method, path, body) =>
      await fetch(`${base}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

function file(filename: string, size: number): object {
  return { filename, content: Buffer.alloc(size, filename).toString('base64') };
}

type Told = {
  readonly id: string;
  readonly parts?: readonly string[];
  readonly messages: readonly { readonly id: string; readonly state: string }[];
};

test('files reach each recipient as its provider takes them, and why tells how', async () => {
  const { port, arrived } = await startReceiver();
  const { folder, base, call, serve } = await site(port);
  const sent = await call('POST', '/v1/messages', {
    from: 'お店 <billing@shop.example>',
    to: ['a@au.com', 'b@gmail.com', 'c@office.go.jp'],
    subject: 'ご請求書',
    html: '<p>本文</p>',
    attachments: [file('請求書.pdf', 6_000_000), file('明細.csv', 2_000_000)],
    attachmentLinks: { password: 'ひみつ', days: 7, downloads: 1 },
  });
  expect(sent.status).toBe(202);
  const told = (await sent.json()) as Told;
  expect(told.messages).toHaveLength(3);
  expect(told.parts).toHaveLength(1);
  await expect.poll(() => arrived.length, { timeout: 120_000 }).toBe(4);
  const parsed = new Map<string, ParsedMail[]>();
  for (const { to, bytes } of arrived) parsed.set(to, [...(parsed.get(to) ?? []), await simpleParser(bytes)]);
  const filesOf = (to: string): readonly string[] =>
    (parsed.get(to) ?? [])
      .map(({ subject, attachments }) =>
        [subject, ...attachments.map(({ filename, size }) => `${filename} ${size}`)].join(', '),
      )
      .toSorted();
  expect(filesOf('b@gmail.com')).toEqual(['ご請求書, 請求書.pdf 6000000, 明細.csv 2000000']);
  expect(filesOf('c@office.go.jp')).toEqual([
    'ご請求書 (1/2), 請求書.pdf 6000000',
    'ご請求書 (2/2), 明細.csv 2000000',
  ]);
  expect(filesOf('a@au.com')).toEqual(['ご請求書, 明細.csv 2000000']);
  const why = whyAnswer(await runTodoku(folder, ['why', `${told.id}.1`, '--json']));
  expect(why.attachments).toMatchObject({ way: 'links', rule: 'knowledge/shaping.yaml: au (published)' });
  expect((await runTodoku(folder, ['why', `${told.id}.1`])).stdout).toContain('請求書.pdf');
  const byApi = (await (await call('GET', `/v1/messages/${told.parts?.[0]}.1/why`)).json()) as typeof why;
  expect(byApi.attachments).toMatchObject({
    way: 'split',
    files: [{ part: { number: 1 } }, { part: { number: 2, mail: told.parts?.[0] } }],
  });

  const text = parsed.get('a@au.com')?.[0]?.text ?? '';
  const link = /https:\/\/mail\.shop\.example(\/d\/[\w-]{22})\b/.exec(text)?.[1] ?? '';
  const form = await fetch(`${base}${link}`, { headers: { 'accept-language': 'ja' } });
  expect(form.status).toBe(403);
  expect(form.headers.get('content-security-policy')).toContain("default-src 'none'");
  const page = await form.text();
  expect(page).toContain('パスワードを入力してください');
  expect(page).not.toContain('<script');
  const post = async (password: string): Promise<Response> =>
    await fetch(`${base}${link}`, {
      method: 'POST',
      body: new URLSearchParams({ password }),
      redirect: 'manual',
    });
  expect((await post('wrong')).status).toBe(403);
  const opened = await post('ひみつ');
  expect(opened.status).toBe(303);
  const place = `${base}${opened.headers.get('location')}`;
  const head = await fetch(place, { method: 'HEAD' });
  expect(head.status).toBe(200);
  expect(Object.fromEntries(head.headers)).toMatchObject({
    'content-length': '6000000',
    'content-type': 'application/pdf',
    'content-disposition': `attachment; filename="___.pdf"; filename*=UTF-8''${encodeURIComponent('請求書.pdf')}`,
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
  });
  const first = await fetch(place, { headers: { range: 'bytes=0-2999999' } });
  expect([first.status, first.headers.get('content-range')]).toEqual([206, 'bytes 0-2999999/6000000']);
  const rest = await fetch(place, { headers: { range: 'bytes=3000000-' } });
  const whole = Buffer.concat([
    Buffer.from(await first.arrayBuffer()),
    Buffer.from(await rest.arrayBuffer()),
  ]);
  expect(whole.equals(Buffer.alloc(6_000_000, '請求書.pdf'))).toBe(true);
  expect((await fetch(place, { headers: { range: 'bytes=6000000-' } })).status).toBe(410);
  expect((await fetch(place)).status).toBe(410);
  expect((await fetch(`${base}/d/${'A'.repeat(22)}`)).status).toBe(404);
  expect((await fetch(`${base}/d/..%2f..%2ftodoku.yaml`)).status).toBe(404);
  serve.kill('SIGTERM');
  expect(await serve.end).toMatchObject({ code: 0 });
});

test('a file that fits nowhere is refused with its reason, and leaves nothing behind', async () => {
  const { port } = await startReceiver();
  const { folder, call } = await site(port);
  const mail = { from: 'a@shop.example', to: ['c@office.go.jp'], subject: 's', text: 't' };
  const refused = await call('POST', '/v1/messages', {
    ...mail,
    attachments: [file('a.bin', 100), file('b.bin', 9_000_000)],
  });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    code: 'invalid-body',
    errors: [
      {
        pointer: '#/attachments/1',
        detail: expect.stringMatching(/b\.bin.*12\.3 MB.*office\.go\.jp.*10\.2 MB/) as string,
      },
    ],
  });
  // Unknown sender fields after the files were stored: the batch takes its links back.
  const batch = await call('POST', '/v1/messages/batch', {
    messages: [
      { ...mail, to: ['a@au.com'], attachments: [file('a.bin', 4_000_000)] },
      { ...mail, headers: { Bcc: 'x@y.example' } },
    ],
  });
  expect(batch.status).toBe(422);
  const left = await readdir(join(folder, 'data/files'), { recursive: true, withFileTypes: true });
  expect(left.filter((each) => each.isFile())).toEqual([]);
});

test('mail of a domain in test mode is captured, and shown without loading anything', async () => {
  const { port, arrived } = await startReceiver();
  const { folder, call } = await site(port);
  const sent = await call('POST', '/v1/messages', {
    from: 'Test <a@test.example>',
    to: ['x@gmail.com', 'y@au.com'],
    subject: '試験 <b>',
    html: '<p>こんにちは</p><img src="cid:logo"><img src="https://tracker.example/x.png"><script>alert(1)</script>',
    attachments: [{ ...file('logo.png', 10), contentId: 'logo', inline: true }, file('../../etc/表.csv', 20)],
  });
  const told = (await sent.json()) as Told;
  expect(told.messages.map(({ state }) => state)).toEqual(['captured', 'captured']);
  const list = (await (await call('GET', '/v1/inbox')).json()) as { data: { id: string; subject: string }[] };
  expect(list.data.map(({ id }) => id).toSorted()).toEqual([`${told.id}.1`, `${told.id}.2`]);
  const detail = (await (await call('GET', `/v1/inbox/${told.id}.1`)).json()) as {
    html: string;
    text: string;
    attachments: { filename: string }[];
  };
  expect(detail.text).toContain('こんにちは');
  expect(detail.attachments.map(({ filename }) => filename)).toEqual(['logo.png', '表.csv']);
  const html = await call('GET', `/v1/inbox/${told.id}.1/html`);
  expect(html.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  expect(await html.text()).toContain(
    `<img src="data:image/png;base64,${Buffer.alloc(10, 'logo.png').toString('base64')}">`,
  );
  const csv = await call('GET', `/v1/inbox/${told.id}.1/attachments/2`);
  expect(Buffer.from(await csv.arrayBuffer())).toEqual(Buffer.alloc(20, '../../etc/表.csv'));
  expect(csv.headers.get('content-disposition')).toContain("filename*=UTF-8''%E8%A1%A8.csv");
  const source = await runTodoku(folder, ['inbox', 'show', `${told.id}.2`, '--source']);
  expect(source.stdout).toContain(`Message-ID: <${told.id}@test.example>`);
  expect((await runTodoku(folder, ['inbox', 'show', told.id, '--text'])).stdout).toContain('こんにちは');
  expect((await runTodoku(folder, ['inbox', 'list', '--to', 'Y@au.com'])).stdout).toMatch(
    /^m-\S+\.2\t.*\ty@au\.com\t試験 <b>\n$/,
  );
  const removed = await call('DELETE', `/v1/inbox/${told.id}.1`);
  expect(await removed.json()).toEqual({ id: `${told.id}.1`, removed: 1 });
  expect((await call('DELETE', `/v1/inbox/${told.id}.1`)).status).toBe(404);
  expect((await call('GET', `/v1/inbox/${told.id}.1`)).status).toBe(404);
  expect((await runTodoku(folder, ['inbox', 'show', 'm-none'])).code).toBe(2);
  expect(arrived).toEqual([]);
  expect((await runTodoku(folder, ['ledger'])).code).toBe(0);
});

test('a virus is refused at its place, and so is every file while nobody can look', async () => {
  const { port, arrived } = await startReceiver();
  const clamd = await fakeClamd();
  const { call } = await site(port, { attachments: { clamd: clamd.path } });
  const virus = { filename: 'b.com', content: Buffer.from(eicar).toString('base64') };
  const mail = { from: 'a@shop.example', to: ['a@gmail.com'], subject: 's', text: 't' };
  const refused = await call('POST', '/v1/messages', { ...mail, attachments: [file('a.bin', 100), virus] });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    errors: [{ pointer: '#/attachments/1', detail: expect.stringContaining('Eicar-Signature') as string }],
  });
  expect((await call('POST', '/v1/messages', { ...mail, attachments: [file('a.bin', 100)] })).status).toBe(
    202,
  );
  const unread = await call('POST', '/v1/messages', { ...mail, attachments: [file('a.bin', 2_000_000)] });
  expect([unread.status, unread.headers.get('retry-after')]).toEqual([503, '60']);
  expect(await unread.json()).toMatchObject({ code: 'scanner-unavailable' });
  await expect.poll(() => arrived.length, { timeout: 120_000 }).toBe(1);
});
