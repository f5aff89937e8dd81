import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import type { MailAttachment, MailRequest } from '../compose/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { createAttachmentDesk, createDownloadDesk, createFileStore, noteFor } from './index.ts';
import type { AttachmentDesk, AttachmentJob, AttachmentParts, DownloadDesk, Prepared } from './index.ts';

type World = {
  readonly desk: AttachmentDesk;
  readonly links: DownloadDesk;
  readonly store: Store;
  readonly clock: FakeClock;
  /** Contents on the disk. */
  readonly contents: () => readonly string[];
};

const day = 86_400_000;

function world(parts: Partial<AttachmentParts> = {}): World {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const store = openStore({ folder, clock, create: true });
  onTestFinished(() => store.close());
  const place = join(folder, 'files');
  const files = createFileStore(place);
  const desk = createAttachmentDesk({
    downloads: store.downloads,
    decisions: store.attachmentDecisions,
    files,
    scan: null,
    rules: {
      limitOf: (domain) => ({
        octets: domain === 'gmail.com' ? 50_000_000 : 3_145_728,
        from: `knowledge: ${domain}`,
      }),
      tooLargeAt: (domain) => (domain === 'bank.example' ? 'split' : 'link'),
    },
    publicUrl: 'https://mail.example.jp',
    defaults: { lifetimeMs: 14 * day, downloads: 2, storeOctets: 20_000_000 },
    clock,
    secret: randomBytes,
    ...parts,
  });
  const links = createDownloadDesk({ downloads: store.downloads, files, secret: store.secret, clock });
  const contents = (): readonly string[] =>
    existsSync(place)
      ? readdirSync(place).flatMap((name) =>
          readdirSync(join(place, name)).map((content) => join(place, name, content)),
        )
      : [];
  return { desk, links, store, clock, contents };
}

function file(size: number, filename: string): MailAttachment {
  return {
    filename,
    contentType: null,
    content: Buffer.alloc(size, filename),
    contentId: null,
    inline: false,
  };
}

function job(
  attachments: readonly MailAttachment[],
  parts: Partial<AttachmentJob & MailRequest> = {},
): AttachmentJob {
  let number = 0;
  return {
    request: {
      from: 'お店 <shop@example.jp>',
      to: ['a@au.com'],
      cc: [],
      replyTo: [],
      subject: '請求書',
      html: '<html><body><p>本文</p></body></html>',
      text: '本文',
      headers: {},
      attachments,
      unsubscribe: null,
      ...parts,
    },
    recipients: parts.recipients ?? [{ address: 'a@au.com', domain: 'au.com' }],
    domain: 'example.jp',
    notBeforeMs: parts.notBeforeMs ?? 0,
    links: parts.links ?? { password: null, lifetimeMs: null, downloads: null },
    stamp: () => ({ id: `m-01jd3q9k2v-0000${++number}`, domain: 'example.jp', dateMs: 0 }),
  };
}

function made(prepared: Prepared): Extract<Prepared, { kind: 'prepared' }> {
  if (prepared.kind !== 'prepared') throw new Error(`${prepared.kind}: ${prepared.failure.failure}`);
  return prepared;
}

async function secretIn(prepared: Prepared): Promise<string> {
  const body = made(prepared).mails[0]?.bodies[0]?.bytes ?? Buffer.alloc(0);
  return /https:\/\/mail\.example\.jp\/d\/([\w-]+)/.exec((await simpleParser(body)).text ?? '')?.[1] ?? '';
}

async function bytesOf(part: Awaited<ReturnType<DownloadDesk['take']>>): Promise<Buffer> {
  if (!(part instanceof ReadableStream)) throw new Error('nothing was given');
  return Buffer.from(await new Response(part).arrayBuffer());
}

const recipients = [
  { address: 'a@au.com', domain: 'au.com' },
  { address: 'g@gmail.com', domain: 'gmail.com' },
  { address: 'b@bank.example', domain: 'bank.example' },
];

describe('one mail for three providers', () => {
  it('reaches each as its provider takes it, and why can tell', async () => {
    const { desk, store } = world();
    const files = [file(2_000_000, '請求書.pdf'), file(1_500_000, 'b.zip')];
    const { mails } = made(await desk.prepare(job(files, { recipients })));
    expect(mails.map((mail) => mail.recipients.map(({ address, body }) => [address, body]))).toEqual([
      [['a@au.com', 0], ['g@gmail.com', 1], ['b@bank.example', 2]],
      [['b@bank.example', 0]],
    ]); // prettier-ignore
    const parsed = await Promise.all(
      mails.flatMap(({ bodies }) => bodies).map(async ({ bytes }) => await simpleParser(bytes)),
    );
    expect(
      parsed.map(({ subject, attachments }) => [subject, attachments.map(({ filename }) => filename)]),
    ).toEqual([
      ['請求書', ['b.zip']],
      ['請求書', ['請求書.pdf', 'b.zip']],
      ['請求書 (1/2)', ['請求書.pdf']],
      ['請求書 (2/2)', ['b.zip']],
    ]);
    expect(parsed[0]?.text).toMatch(/請求書\.pdf \(2 MB\)\n +https:\/\/mail\.example\.jp\/d\/[\w-]{22}\n/);
    expect(parsed[0]?.text).toContain('2026-01-14');
    expect(parsed[0]?.html).toMatch(
      /<a href="https:\/\/mail\.example\.jp\/d\/[\w-]{22}">請求書\.pdf<\/a>[\s\S]*<\/body>/,
    );
    expect(parsed[1]?.text?.trim()).toBe('本文');
    expect(parsed[3]?.references).toBe('<m-01jd3q9k2v-00001@example.jp>');
    const decisions = store.attachmentDecisions.of('m-01jd3q9k2v-00001');
    expect([1, 2, 3, 4].map((number) => noteFor(decisions, number)?.text.en ?? null)).toEqual([
      'more than fits there (3.1 MB, knowledge: au.com), so these were sent as download links until 2026-01-15T00:00:00.000Z: 請求書.pdf (2 MB)',
      'the files went along with the mail: 請求書.pdf (2 MB), b.zip (1.5 MB); limit there: 50 MB, knowledge: gmail.com',
      'more than fits there (3.1 MB, knowledge: bank.example), so the files were split over 2 mails: 請求書.pdf → 1/2 (m-01jd3q9k2v-00001), b.zip → 2/2 (m-01jd3q9k2v-00002)',
      null,
    ]);
    const second = store.attachmentDecisions.of('m-01jd3q9k2v-00002');
    expect(second).toMatchObject([{ recipients: [1], way: 'split' }]);
  });

  it('puts nothing on record where all of it went along', async () => {
    const { desk, store } = world();
    await desk.prepare(job([file(1_000, 'a.pdf')], { recipients }));
    expect(store.attachmentDecisions.of('m-01jd3q9k2v-00001')).toEqual([]);
  });

  it('leaves nothing behind when it is not accepted after all', async () => {
    const { desk, store, contents } = world();
    const prepared = made(await desk.prepare(job([file(4_000_000, 'a.pdf')])));
    expect(contents()).toHaveLength(1);
    await prepared.discard();
    expect(contents()).toEqual([]);
    expect(store.attachmentDecisions.of('m-01jd3q9k2v-00001')).toEqual([]);
  });

  it('leaves nothing behind when it cannot be composed', async () => {
    const { desk, contents } = world();
    const prepared = await desk.prepare(job([file(4_000_000, 'a.pdf')], { headers: { Bcc: 'x@y.example' } }));
    expect(prepared).toMatchObject({ failure: { field: 'headers/Bcc' } });
    expect(contents()).toEqual([]);
  });

  it('keeps one content for two mails until both links have ended', async () => {
    const { desk, clock, contents } = world();
    await desk.prepare(job([file(4_000_000, 'a.pdf')]));
    await clock.advance(day);
    await desk.prepare({
      ...job([file(4_000_000, 'a.pdf')]),
      stamp: () => ({ id: 'm-2', domain: 'example.jp', dateMs: 0 }),
    });
    expect(contents()).toHaveLength(1);
    expect(statSync(contents()[0] ?? '').mode & 0o777).toBe(0o600);
    await clock.advance(13.5 * day);
    await desk.sweep();
    expect(contents()).toHaveLength(1);
    await clock.advance(day);
    await desk.sweep();
    expect(contents()).toEqual([]);
  });

  it('loses nothing else when what a crash left behind is removed', async () => {
    const { desk, contents } = world();
    await desk.prepare(job([file(4_000_000, 'a.pdf')]));
    const [kept = ''] = contents();
    const folder = join(kept, '..');
    const orphan = `${folder.slice(-2)}${'0'.repeat(62)}`;
    writeFileSync(join(folder, orphan), 'stored, and its link was not');
    writeFileSync(join(folder, `${orphan}.1.draft`), 'half of it');
    await desk.sweep();
    expect(contents()).toEqual([kept]);
  });

  it('is refused for the time being when the place for files is full', async () => {
    const { desk } = world({ defaults: { lifetimeMs: day, downloads: 1, storeOctets: 5_000_000 } });
    expect(await desk.prepare(job([file(4_000_000, 'a.pdf')]))).toMatchObject({ kind: 'prepared' });
    expect(await desk.prepare(job([file(4_000_000, 'b.pdf')]))).toMatchObject({
      kind: 'full',
      failure: { field: 'attachments' },
    });
  });

  it.each([
    ['infected', { kind: 'infected', name: 'Eicar-Signature' }],
    ['unavailable', { kind: 'failed', cause: 'clamd closed the connection' }],
  ] as const)('is refused as %s by the scanner, at the file', async (kind, result) => {
    const scan = async (content: Buffer): ReturnType<NonNullable<AttachmentParts['scan']>> =>
      await Promise.resolve(content.length === 7 ? result : { kind: 'clean' });
    const { desk } = world({ scan });
    const prepared = await desk.prepare(job([file(3, 'a.pdf'), file(7, 'b.pdf')]));
    expect(prepared).toMatchObject({ kind, failure: { field: 'attachments/1' } });
  });
});

describe('a link', () => {
  it('gives the file as often as it may, and then no more', async () => {
    const { desk, links } = world();
    const secret = await secretIn(await desk.prepare(job([file(4_000_000, 'a.pdf')])));
    for (let round = 0; round < 2; round += 1) {
      const looked = links.look(secret, null);
      if (looked.kind !== 'ready') throw new Error(looked.kind);
      const parts = [
        links.take(looked.download, { start: 0, end: 1_999_999 }),
        links.take(looked.download, { start: 2_000_000, end: 3_999_999 }),
      ];
      const bytes = Buffer.concat(await Promise.all(parts.map(async (part) => await bytesOf(await part))));
      expect(bytes.equals(Buffer.alloc(4_000_000, 'a.pdf'))).toBe(true);
    }
    expect(links.look(secret, null).kind).toBe('spent');
  });

  it('counts a range of one octet as a small file, so that ranges cannot keep the disk busy', async () => {
    const { desk, links } = world();
    const secret = await secretIn(await desk.prepare(job([file(4_000_000, 'a.pdf')])));
    const taken: (string | undefined)[] = [];
    for (let round = 0; round < 130; round += 1) {
      const looked = links.look(secret, null);
      const part =
        looked.kind === 'ready' ? await links.take(looked.download, { start: 5, end: 5 }) : 'spent';
      if (part instanceof ReadableStream) await part.cancel();
      taken.push(part === 'spent' ? 'no' : 'yes');
    }
    // 2 downloads × 4 MB ÷ 64 KiB
    expect(taken.indexOf('no')).toBe(122);
  });

  it('ends when its time has come', async () => {
    const { desk, links, clock } = world();
    const secret = await secretIn(await desk.prepare(job([file(4_000_000, 'a.pdf')])));
    await clock.advance(14 * day - 1);
    expect(links.look(secret, null).kind).toBe('ready');
    await clock.advance(1);
    expect(links.look(secret, null).kind).toBe('expired');
    await clock.advance(1);
    await desk.sweep();
    expect(links.look(secret, null).kind).toBe('absent');
  });

  it('of a mail that waits for its time counts from then', async () => {
    const { desk, links, clock } = world();
    const notBeforeMs = clock.now() + 30 * day;
    const secret = await secretIn(await desk.prepare(job([file(4_000_000, 'a.pdf')], { notBeforeMs })));
    await clock.advance(44 * day - 1);
    expect(links.look(secret, null).kind).toBe('ready');
    await clock.advance(1);
    expect(links.look(secret, null).kind).toBe('expired');
  });

  it.each(['', 'x', '../../../etc/passwd', 'A'.repeat(22), `${'A'.repeat(21)}\0`, 'A'.repeat(100_000)])(
    '%j leads nowhere',
    (secret) => {
      expect(world().links.look(secret, null)).toEqual({ kind: 'absent' });
    },
  );

  it('opens with its password, stays open for an hour, and shuts out who guesses', async () => {
    const { desk, links, clock } = world();
    const wishes = { password: 'パスワード', lifetimeMs: null, downloads: null };
    const secret = await secretIn(await desk.prepare(job([file(4_000_000, 'a.pdf')], { links: wishes })));
    expect(links.look(secret, null).kind).toBe('locked');
    expect(links.look(secret, 'x.y').kind).toBe('locked');
    expect(await links.unlock(secret, 'wrong')).toEqual({ kind: 'wrong' });
    // Typed with combining characters, as macOS has it.
    const unlocked = await links.unlock(secret, 'パスワード'.normalize('NFD'));
    if (unlocked.kind !== 'open') throw new Error(unlocked.kind);
    expect(links.look(secret, unlocked.pass).kind).toBe('ready');
    const later = `${(clock.now() + day).toString(36)}.${unlocked.pass.split('.')[1]}`;
    expect(links.look(secret, later).kind).toBe('locked');
    await clock.advance(3_600_000);
    expect(links.look(secret, unlocked.pass).kind).toBe('locked');
    for (let tries = 0; tries < 10; tries += 1)
      expect((await links.unlock(secret, 'x'.repeat(300))).kind).toBe('wrong');
    expect(await links.unlock(secret, 'パスワード')).toEqual({ kind: 'slow-down', waitSeconds: 3_600 });
    await clock.advance(3_600_000);
    expect((await links.unlock(secret, 'パスワード')).kind).toBe('open');
  });
});
