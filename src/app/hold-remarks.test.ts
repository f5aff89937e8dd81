import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { PathHold } from '../delivery/index.ts';
import { createHoldRemarks } from './hold-remarks.ts';

const hold = (site: string, because = 'unreachable'): PathHold => ({
  site,
  domain: site,
  source: null,
  because,
  detail: 'connect ECONNREFUSED',
  untilMs: 0,
});

test('a path that is held again and again is one piece of news, another reason a second', () => {
  const told: string[] = [];
  const tell = createHoldRemarks((text) => told.push(text.en), new FakeClock());
  for (const each of [hold('a.example'), hold('a.example'), hold('a.example', 'throttled')]) tell(each);
  expect(told).toHaveLength(2);
  expect(told[0]).toContain('a.example');
});

test('a thousand unreachable sites are a few lines, each hour anew', async () => {
  const told: string[] = [];
  const clock = new FakeClock();
  const tell = createHoldRemarks((text) => told.push(text.ja), clock);
  for (let index = 0; index < 1000; index++) tell(hold(`site${index}.example`));
  expect(told).toHaveLength(6);
  expect(told[4]).toContain('site4.example');
  expect(told[5]).toContain('ほかにも');
  tell(hold('last.example', 'dns-failed'));
  expect(told).toHaveLength(7);
  await clock.advance(3_600_000);
  tell(hold('site0.example'));
  expect(told).toHaveLength(8);
});
