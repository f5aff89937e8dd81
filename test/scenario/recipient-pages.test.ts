import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { form, pagesWorld } from '../support/pages-world.ts';
import { expectLine, reply as smtpReply, startSmtpPeer } from '../support/smtp-peer.ts';
import { plain, quit } from '../support/smtp-scripts.ts';
import { runTodoku } from '../support/todoku-run.ts';

const [taro, hanako] = ['taro@docomo.ne.jp', 'hanako@d.example'];
const dayMs = 86_400_000;

/** The page in Japanese. */
async function read(world: Awaited<ReturnType<typeof pagesWorld>>, path: string): Promise<string> {
  const response = await world.app.request(`${path}?lang=ja`);
  expect(response.status).toBe(200);
  return await response.text();
}

test('a recipient who misses a mail sees what is known, asks for a test mail and says what came', async () => {
  const world = await pagesWorld([taro, hanako]);
  const path = world.missedPath(taro);
  expect(path).toMatch(/^\/n\/n\d+-[a-z2-7]{16}$/);

  const first = await read(world, path);
  expect(first).toContain('t•••@docomo.ne.jp');
  expect(first).toContain('受信側のサーバーが受け取りました');
  expect(first).toContain('My docomo');
  expect(first).not.toContain('hanako');
  expect(first).not.toContain(taro);
  // Programs that look at links change nothing.
  expect(world.why(taro).timeline.map(({ event }) => event)).toEqual(['accepted', 'attempted']);

  const missed = await world.app.request(`${path}?lang=ja`, form({ answer: 'missed' }));
  expect([missed.status, missed.headers.get('location')]).toEqual([303, `${path}?lang=ja`]);
  await world.app.request(path, form({ answer: 'missed' }));
  expect(world.why(taro)).toMatchObject({ state: 'delivered', certainty: 'unknowable' });

  expect((await world.app.request(`${path}/test`, form())).status).toBe(303);
  expect(world.arrivals.byRecipient.get(taro)).toHaveLength(2);
  const mail = world.mails.at(-1)?.content?.toString() ?? '';
  expect(mail).toMatch(/^From: news@news\.example\r$/m);
  expect(mail).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(mail).toMatch(/^DKIM-Signature: /m);
  expect(mail.replaceAll('=\r\n', '')).toContain(path);
  expect(await read(world, path)).toContain('試しのメールは届きましたか');

  await world.app.request(path, form({ answer: 'test-arrived' }));
  await world.app.request(path, form({ answer: 'found' }));
  expect(world.why(taro).certainty).toBe('proved');
  expect(world.why(taro).timeline.map(({ event }) => event)).toEqual([
    'accepted',
    'attempted',
    'missed',
    'test-sent',
    'test-arrived',
    'found',
  ]);
  expect(world.why(hanako).timeline).toHaveLength(2);
  expect(world.troubles).toEqual([]);
});

test('todoku why shows what the recipient said, and the link of the page where one is served', async () => {
  const world = await pagesWorld([taro]);
  const path = world.missedPath(taro);
  await world.app.request(path, form({ answer: 'missed' }));
  world.store.close();
  const file = join(world.folder, 'todoku.yaml');
  const unserved = await runTodoku(world.folder, ['why', taro, '--lang', 'en']);
  expect(unserved.stdout).toContain('the recipient says: it has not arrived');
  expect(unserved.stdout).not.toContain('page for the recipient');
  const http = { listen: '127.0.0.1:0', publicUrl: 'https://mail.example/' };
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), http }));
  const served = await runTodoku(world.folder, ['why', taro, '--lang', 'en']);
  expect(served.stdout).toContain(`page for the recipient https://mail.example${path}`);
});

describe('test mails are few', () => {
  test('one in ten minutes, five a day, none to whom nothing may be sent', async () => {
    const world = await pagesWorld([taro]);
    const path = world.missedPath(taro);
    const ask = async (): Promise<number> => {
      await world.app.request(`${path}/test`, form());
      return (world.arrivals.byRecipient.get(taro)?.length ?? 0) - 1;
    };
    expect(await ask()).toBe(1);
    expect(await ask()).toBe(1);
    for (const count of [2, 3, 4, 5, 5]) {
      await world.clock.advance(601_000);
      expect(await ask()).toBe(count);
    }
    expect(await read(world, path)).toContain('今日はもう送れません');
    await world.clock.advance(dayMs);
    await world.app.request(world.unsubscribePath(taro), form({ 'List-Unsubscribe': 'One-Click' }));
    expect(await ask()).toBe(5);
    expect(await read(world, path)).toContain('止められている');
  });

  test.each([
    ['451 4.7.1 later', '今は渡せませんでした'],
    ['550 5.1.1 nobody', '受け取りませんでした'],
  ])('%s is told', async (reply, told) => {
    const script = [
      ...plain,
      expectLine(/^MAIL FROM:/),
      smtpReply('250 ok'),
      expectLine(/^RCPT TO:/),
      smtpReply(reply),
      ...quit,
    ];
    const peer = await startSmtpPeer(script);
    onTestFinished(() => peer.close());
    const world = await pagesWorld([taro], peer.port);
    const path = world.missedPath(taro);
    await world.app.request(`${path}/test`, form());
    const page = await read(world, path);
    expect(page).toContain(told);
    expect(page).not.toContain('試しのメールは届きましたか');
    expect(page).not.toContain(reply);
  });

  test('two at once are one', async () => {
    const world = await pagesWorld([taro]);
    const path = world.missedPath(taro);
    await Promise.all([1, 2, 3].map(async () => await world.app.request(`${path}/test`, form())));
    expect(world.arrivals.byRecipient.get(taro)).toHaveLength(2);
  });
});

test('links that are forged, of another purpose, cut off or too old say so kindly and show nothing', async () => {
  const world = await pagesWorld([taro]);
  const path = world.missedPath(taro);
  const status = async (to: string, request?: RequestInit): Promise<number> => {
    const response = await world.app.request(to, request);
    expect(await response.text()).not.toContain('docomo');
    return response.status;
  };
  const forged = path.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
  const asUnsubscribe = path.replace('/n/', '/u/');
  const asMissed = world.unsubscribePath(taro).replace('/u/', '/n/');
  for (const wrong of [
    forged,
    asUnsubscribe,
    asMissed,
    path.slice(0, -4),
    '/n/%00',
    `/n/${'x'.repeat(5_000)}`,
    '/u/x',
  ])
    expect([wrong.slice(0, 40), await status(wrong), await status(wrong, form())]).toEqual([
      wrong.slice(0, 40),
      404,
      404,
    ]);
  expect(await status(`${forged}/test`, form())).toBe(404);
  expect(await status(path, form({ answer: '<script>' }))).toBe(404);
  expect(await status(path, { method: 'POST', body: 'x'.repeat(100_000) })).toBe(404);
  await world.clock.advance(91 * dayMs);
  expect(await status(path)).toBe(410);
  expect(world.arrivals.count).toBe(1);
});

describe('leaving by the link of a mail', () => {
  test('the page asks first, its button acts, again it is done already', async () => {
    const world = await pagesWorld([taro]);
    const path = world.unsubscribePath(taro);
    expect(await read(world, path)).toContain('配信を止めますか');
    expect(world.store.suppressions.find(taro)).toEqual([]);
    const done = await world.app.request(`${path}?lang=ja`, form());
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('配信を止めました')]);
    expect(world.store.suppressions.find(taro)).toMatchObject([
      { reason: 'unsubscribed', scope: 'address', note: 'link (page)' },
    ]);
    expect(await read(world, path)).toContain('もう送りません');
  });

  test.each([
    ['urlencoded', form({ 'List-Unsubscribe': 'One-Click' })],
    ['multipart', { method: 'POST', body: oneClickParts() }],
  ])('one click, %s (RFC 8058 §3.2)', async (_form, request) => {
    const world = await pagesWorld([taro]);
    const response = await world.app.request(world.unsubscribePath(taro), request);
    expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null]);
    expect(world.store.suppressions.find(taro)).toMatchObject([{ note: 'link (one click)' }]);
  });
});

function oneClickParts(): FormData {
  const parts = new FormData();
  parts.set('List-Unsubscribe', 'One-Click');
  return parts;
}

test('who asks too often waits, and others do not', async () => {
  const world = await pagesWorld([taro, hanako]);
  const path = world.missedPath(taro);
  const statuses: number[] = [];
  for (let count = 0; count < 31; count += 1) statuses.push((await world.app.request(path)).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(30);
  const last = await world.app.request(path);
  expect([last.status, Number(last.headers.get('retry-after'))]).toEqual([429, 2]);
  expect((await world.app.request(world.missedPath(hanako))).status).toBe(200);
  await world.clock.advance(60_000);
  expect((await world.app.request(path)).status).toBe(200);
});

test('a store that takes nothing is told to the operator, and the visitor is asked to come again', async () => {
  const world = await pagesWorld([taro]);
  const path = world.missedPath(taro);
  world.store.close();
  const response = await world.app.request(path, form({ answer: 'missed' }));
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60']);
  expect(world.troubles).toHaveLength(1);
});

test('pages keep their link to themselves, run nothing and load nothing', async () => {
  const world = await pagesWorld([taro]);
  for (const path of [world.missedPath(taro), world.unsubscribePath(taro), '/help/missing/nowhere']) {
    const { headers, status } = await world.app.request(path);
    expect(status).toBe(200);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  }
});
