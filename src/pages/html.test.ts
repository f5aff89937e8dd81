import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { html } from './html.ts';
import { pageLanguage } from './page-language.ts';
import { createVisitLimit } from './visit-limit.ts';

test('no text gets out of its place, in an element or in an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { markup } = html`<p title="${text}">${text}</p>`;
      const inside = markup.slice('<p title="'.length, -'</p>'.length).replace('">', '');
      expect(inside).not.toMatch(/[<>"']/);
    }),
  );
  expect(html`<p>${'<b>&"\''}</p>`.markup).toBe('<p>&lt;b&gt;&amp;&quot;&#39;</p>');
});

test('markup stays as it is, lists are joined, null is nothing', () => {
  const list = ['a', '<'].map((each) => html`<b>${each}</b>`);
  expect(html`${list}${null}${3}`.markup).toBe('<b>a</b><b>&lt;</b>3');
});

describe('the language of a page', () => {
  test.each([
    ['en', 'ja', 'en'],
    [undefined, 'ja,en;q=0.8', 'ja'],
    [undefined, 'en-US,en;q=0.9,ja;q=0.8', 'en'],
    [undefined, 'fr', 'en'],
    [undefined, '', 'ja'],
    [undefined, undefined, 'ja'],
    ['xx', 'ja', 'ja'],
    [undefined, `${'x,'.repeat(100_000)}ja`, 'en'],
  ] as const)('asked %s, accepted %.30s: %s', (asked, accepted, language) => {
    expect(pageLanguage(asked, accepted)).toBe(language);
  });
});

test('a minute’s visits may come at once, then they flow back evenly', async () => {
  const clock = new FakeClock();
  const limit = createVisitLimit(clock);
  const waits = (): readonly number[] => Array.from({ length: 31 }, () => limit.wait('a', 30));
  expect(waits()).toEqual([...Array.from({ length: 30 }, () => 0), 2]);
  expect(limit.wait('b', 30)).toBe(0);
  await clock.advance(2_000);
  expect([limit.wait('a', 30), limit.wait('a', 30)]).toEqual([0, 2]);
});
