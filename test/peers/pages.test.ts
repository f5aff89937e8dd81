import { serve } from '@hono/node-server';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadFaults } from '../../src/deliverability/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../src/knowledge/index.ts';
import { createPagesApp } from '../../src/pages/index.ts';
import type { MissedMail, RecipientWord } from '../../src/pages/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { requirePeer } from '../support/peer.ts';

const isThere = requirePeer('chromium');
const folder = defaultKnowledgeFolder();

const mail: MissedMail = {
  kind: 'mail',
  to: 't•••@docomo.ne.jp',
  senderDomain: 'news.example',
  acceptedMs: Date.UTC(2026, 10, 20, 3, 4),
  state: 'delivered',
  meaning: {
    ja: '受信側のサーバーが受け取りましたが、受信者の設定によっては表示されないことがあります。',
    en: 'The receiving server took it, but settings of the recipient may keep it from being shown.',
  },
  steps: {
    ja: ['迷惑メールフォルダーを見ます。', '<受信リスト>に送信者のドメインを加えます。'],
    en: ['Look in the spam folder.', 'Add the sender’s domain to the allow list.'],
  },
  provider: { ja: 'ドコモメール', en: 'docomo Mail' },
  said: 'missed',
  test: { last: { atMs: Date.UTC(2026, 10, 21), end: 'taken', said: null }, refusal: 'too-soon' },
};

describe.skipIf(!isThere)('pages in Chromium', () => {
  const words: RecipientWord[] = [];
  const left: string[] = [];
  let browser: Browser;
  let server: ReturnType<typeof serve>;
  let base = '';

  beforeAll(async () => {
    const app = createPagesApp({
      faults: loadFaults(folder, loadKnowledge(folder).providers),
      notArrived: {
        open: (token) => (token === 'old' ? { kind: 'expired' } : mail),
        say: (_token, word) => words.push(word),
        sendTest: () => Promise.resolve(),
      },
      unsubscribes: {
        open: () => ({ kind: 'mail', to: mail.to, senderDomain: mail.senderDomain, left: left.length > 0 }),
        leave: (_token, how) => left.push(how),
      },
      diagnoses: () => null,
      clock: new FakeClock(),
      trouble: (error) => {
        throw error;
      },
    });
    base = await new Promise<string>((resolve) => {
      server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      );
    });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  async function withPage(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext({ locale: 'ja-JP', ...options });
    try {
      await use(await context.newPage());
    } finally {
      await context.close();
    }
  }

  const phone = { width: 320, height: 568 };
  const desk = { width: 1280, height: 800 };
  const paths = [
    ['start', '/help'],
    ['question', '/help/missing'],
    ['cause', '/help/missing/nowhere/some/carrier'],
    ['place', '/help/missing/nowhere/some/carrier?place=docomo'],
    ['missed', '/n/any'],
    ['expired', '/n/old'],
    ['unsubscribe', '/u/any'],
    ['astray', '/help/nonsense'],
  ] as const;

  describe.each(['ja', 'en'] as const)('in %s', (language) => {
    test.each(paths)(
      '%s: no fault that axe knows, at phone and at desk',
      async (name, path) => {
        for (const viewport of [phone, desk]) {
          await withPage({ viewport }, async (page) => {
            await page.goto(`${base}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
            expect(await page.getAttribute('html', 'lang')).toBe(language);
            expect(await axeFaults(page)).toEqual([]);
            // Nobody has to scroll sideways.
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
              viewport.width,
            );
            const pictures = process.env['TODOKU_PICTURES'];
            if (pictures !== undefined)
              await page.screenshot({
                path: `${pictures}/${name}-${language}-${viewport.width}.png`,
                fullPage: true,
              });
          });
        }
      },
      60_000,
    );
  });

  test('an old phone without JavaScript walks to a cause and answers', async () => {
    const options = { viewport: phone, javaScriptEnabled: false, hasTouch: true };
    await withPage(options, async (page) => {
      await page.goto(`${base}/help`);
      for (const text of [
        '特定の人・会社からのメールが届かない',
        'どこにもない',
        'いいえ、ほかのメールは来ている',
        '携帯電話会社',
        'ドコモメール',
      ])
        await follow(page, page.locator('ul.choices a', { hasText: text }).first());
      expect(await page.textContent('h1')).toContain('携帯電話会社の迷惑メール設定');
      expect(await page.textContent('main')).toContain('My docomo');
      await page.goBack();
      await follow(page, page.locator('a', { hasText: 'English' }));
      expect(await page.textContent('h1')).toContain('carrier’s spam settings');
      await page.goto(`${base}/n/any?lang=ja`);
      await follow(page, page.locator('button', { hasText: '見つかりました' }));
      await follow(page, page.locator('button', { hasText: '届きません' }));
      expect(words).toEqual(['found', 'test-missed']);
      await page.goto(`${base}/u/any?lang=ja`);
      await follow(page, page.locator('button', { hasText: '配信を止める' }));
      expect([await page.textContent('h1'), left]).toEqual(['配信を止めました', ['page']]);
    });
  }, 60_000);
});

/** Taps, and waits for the page that it leads to. */
async function follow(page: Page, link: Locator): Promise<void> {
  await Promise.all([page.waitForEvent('load'), link.tap()]);
}

const axeResult = z.array(
  z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.string()) }),
);

/** What axe finds, of any weight. */
async function axeFaults(page: Page): Promise<z.output<typeof axeResult>> {
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html) })))`,
  );
  return axeResult.parse(found);
}
