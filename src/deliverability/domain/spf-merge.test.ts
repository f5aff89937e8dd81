import { expect, test } from 'vitest';
import { mergeSpf } from './spf-merge.ts';

test.each<[published: readonly string[], missing: readonly string[], merged: string]>([
  [[], ['203.0.113.5'], 'v=spf1 ip4:203.0.113.5 ~all'],
  [[], [], 'v=spf1 ~all'],
  [['v=spf1 include:a.example -all'], ['2001:db8::5'], 'v=spf1 ip6:2001:db8::5 include:a.example -all'],
  [['v=spf1 mx ?all'], ['203.0.113.5'], 'v=spf1 ip4:203.0.113.5 mx ~all'],
  [['v=spf1 mx +all'], [], 'v=spf1 mx ~all'],
  [['v=spf1 mx redirect=b.example'], ['203.0.113.5'], 'v=spf1 ip4:203.0.113.5 mx redirect=b.example'],
  [['v=spf1 mx -all', 'v=spf1 include:b.example mx ~all'], [], 'v=spf1 mx include:b.example -all'],
  [
    ['v=spf1 redirect=a.example', 'v=spf1 redirect=b.example'],
    [],
    'v=spf1 include:a.example include:b.example ~all',
  ],
  [
    ['v=spf1 -ip4:203.0.113.9 mx exp=why.example ~all'],
    [],
    'v=spf1 -ip4:203.0.113.9 mx exp=why.example ~all',
  ],
  [['v=spf1 ip4:203.0.113'], ['203.0.113.5'], 'v=spf1 ip4:203.0.113.5 ~all'],
])('%j and %j', (published, missing, merged) => {
  expect(mergeSpf(published, missing)).toBe(merged);
});
