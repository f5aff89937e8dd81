import { expect, test } from 'vitest';
import { defaultKnowledgeFolder } from '../../knowledge/index.ts';
import type { ListAnswer } from './ask-list.ts';
import { loadBlocklists } from './blocklist.ts';
import { listingNews } from './listing-news.ts';
import type { Listing } from './listing-news.ts';

const lists = loadBlocklists(defaultKnowledgeFolder()).living.slice(0, 1);
const subject = '203.0.113.9';

const has = (answer: string): ListAnswer => ({ kind: 'listed', answer, meanings: [], reason: null });
const free: ListAnswer = { kind: 'not-listed' };

/** What each answer in turn told, an hour apart. */
function tell(...answers: readonly ListAnswer[]): readonly (readonly string[])[] {
  let before: readonly Listing[] = [];
  return answers.map((answer, hour) => {
    const words = lists.map((list) => ({ list, answer }));
    const news = listingNews(subject, words, { before, atMs: hour });
    if (news.listings.length > 0) before = news.listings;
    return news.events.map(({ change, answer: shown, sinceMs }) => `${change} ${shown} ${sinceMs}`);
  });
}

test('tells a change once, and since when it had been so', () => {
  expect(tell(free, has('127.0.0.3'), has('127.0.0.3'), free, free)).toEqual([
    [],
    ['listed 127.0.0.3 null'],
    [],
    ['delisted 127.0.0.3 1'],
    [],
  ]);
});

test('tells what is listed at the first look', () => {
  expect(tell(has('127.0.0.2'))).toEqual([['listed 127.0.0.2 null']]);
});

test.each<ListAnswer>([
  { kind: 'refused', answer: '127.255.255.254' },
  { kind: 'silent', answer: 'timeout' },
  { kind: 'unbelievable', answer: 'nxdomain' },
  { kind: 'unknown-code', answer: '127.0.0.99' },
])('$kind is no change', (answer) => {
  expect(tell(has('127.0.0.2'), answer, has('127.0.0.2'), answer, free)).toEqual([
    ['listed 127.0.0.2 null'],
    [],
    [],
    [],
    ['delisted 127.0.0.2 0'],
  ]);
  expect(tell(answer, free, answer, free)).toEqual([[], [], [], []]);
});

test('another code of the same list is news, and it is listed as long as before', () => {
  expect(tell(has('127.0.0.3'), has('127.0.0.2, 127.0.0.3'), free)).toEqual([
    ['listed 127.0.0.3 null'],
    ['listed 127.0.0.2, 127.0.0.3 null'],
    ['delisted 127.0.0.2, 127.0.0.3 0'],
  ]);
});
