import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { loadFaults } from '../deliverability/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import type { DiagnosisResult } from '../deliverability/index.ts';
import { createPagesApp } from './index.ts';
import type { MissedMail, NotArrivedDesk } from './index.ts';

const folder = defaultKnowledgeFolder();
const faults = loadFaults(folder, loadKnowledge(folder).providers);

const hostile = `"><script>alert(1)</script>`;
const mail: MissedMail = {
  kind: 'mail',
  to: `${hostile}@d.example`,
  senderDomain: hostile,
  acceptedMs: 0,
  state: 'bounced',
  meaning: { ja: hostile, en: hostile },
  steps: { ja: [hostile], en: [hostile] },
  provider: { ja: hostile, en: hostile },
  said: null,
  test: { last: { atMs: 0, end: 'refused', said: null }, refusal: null },
};

const advice = { title: hostile, meaning: hostile, steps: [hostile] };
const result: DiagnosisResult = {
  id: hostile,
  atMs: 0,
  mails: 1,
  envelope: { ip: hostile, helo: hostile, sender: hostile },
  score: { points: 7, of: 10, lost: [{ id: hostile, points: 3, title: { ja: hostile, en: hostile } }] },
  findings: [
    {
      id: hostile,
      subject: hostile,
      severity: 'problem',
      party: 'sender',
      certainty: 'proved',
      evidence: hostile,
      advice: { ja: advice, en: advice },
    },
  ],
};

function appOf(open: NotArrivedDesk['open'] = () => mail): {
  readonly app: ReturnType<typeof createPagesApp>;
  readonly troubles: { readonly error: unknown; readonly path: string }[];
} {
  const troubles: { readonly error: unknown; readonly path: string }[] = [];
  const clock = new FakeClock();
  let visits = 0;
  const app = createPagesApp({
    faults,
    notArrived: { open, say: () => undefined, sendTest: () => Promise.resolve() },
    unsubscribes: {
      open: () => ({ kind: 'mail', to: hostile, senderDomain: hostile, left: false }),
      leave: () => undefined,
    },
    diagnoses: (id) => (id === 'none' ? null : result),
    // Each visit comes a minute after the one before.
    clock: { monotonic: () => clock.monotonic() + (visits += 60_000) },
    trouble: (error, { path }) => troubles.push({ error, path }),
  });
  return { app, troubles };
}

test('whatever is asked for is answered, without a fault, and never runs anything', async () => {
  const { app, troubles } = appOf();
  const start = fc.constantFrom('/help/', '/help/missing/', '/n/', '/u/', '/c/', '/n/a/test/');
  const rest = fc.webPath();
  const query = fc.option(fc.webQueryParameters());
  const body = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('answer=missed')), {
    nil: null,
  });
  const type = fc.constantFrom(
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    '',
  );
  await fc.assert(
    fc.asyncProperty(start, rest, query, body, type, async (from, path, asked, form, contentType) => {
      const address = `${from}${path.replace(/^\/+/, '')}${asked === null ? '' : `?${asked}`}`;
      const request =
        form === null ? {} : { method: 'POST', body: form, headers: { 'content-type': contentType } };
      const response = await app.request(address, request);
      expect([200, 303, 404]).toContain(response.status);
      expect(await response.text()).not.toContain('<script');
    }),
    { numRuns: 500 },
  );
  expect(troubles).toEqual([]);
});

test('the log learns which page failed, and not its link', async () => {
  const { app, troubles } = appOf(() => {
    throw new Error('no disk');
  });
  const response = await app.request('/n/n1-aaaaaaaaaaaaaaaa');
  expect(response.status).toBe(503);
  expect(troubles.map(({ path }) => path)).toEqual(['/n/…']);
});

test('every answer of the fault finder is a link to the page that it leads to', async () => {
  const { app } = appOf();
  const seen = new Set<string>();
  const open = ['/help?lang=en'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const response = await app.request(path);
    expect([path, response.status]).toEqual([path, 200]);
    const page = await response.text();
    for (const [, href = ''] of page.matchAll(/<li>\s*<a href="([^"]+)"/g)) {
      const next = href.replaceAll('&amp;', '&');
      // Places differ in their steps alone, and each leads to the others.
      if (seen.has(next) || next.includes('place=')) continue;
      seen.add(next);
      open.push(next);
    }
  }
  expect(seen.size).toBeGreaterThan(faults.questions.size);
});

test('a diagnosis shows the words of a stranger as words, in both languages, and what is not there yet', async () => {
  const { app } = appOf();
  for (const language of ['ja', 'en']) {
    const shown = await app.request(`/c/some?lang=${language}`);
    const page = await shown.text();
    expect([shown.status, shown.headers.get('content-language')]).toEqual([200, language]);
    expect(page).toContain('7 / 10');
    expect(page).not.toContain(hostile);
  }
  expect(await (await app.request('/c/none?lang=en')).text()).toContain('No mail has come yet');
});
