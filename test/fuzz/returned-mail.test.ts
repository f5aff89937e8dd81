import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBounceReader, type ReturnedMail } from '../../src/bounces/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../src/knowledge/index.ts';
import { root } from '../support/source-tree.ts';
import { expensiveMails, mutate, seededRandom } from './mutate-mail.ts';

// Whatever comes in is read without an exception, and what is handed on is bounded. How long it takes is measured by
// `node bench/returned-mail.ts --fuzz N`, on a machine that does nothing else.

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));

const seeds = readFileSync(path.join(root, 'src/bounces/forms.test.txt'), 'utf8')
  .split(/^=== /m)
  .slice(1)
  .map((block) =>
    Buffer.from(`Return-Path: <>\nTo: news@sender.example\n${block.slice(block.indexOf('\n') + 1)}`),
  );

function expectBounded(mail: ReturnedMail): void {
  expect(mail.kind === 'none').toBe(mail.reports.length === 0);
  for (const report of mail.reports) {
    expect(report.said.length).toBeLessThanOrEqual(1_000);
    expect((report.recipient ?? 'a@b').length).toBeLessThanOrEqual(1_024);
    expect(report.status ?? '5.0.0').toMatch(/^[245]\.\d{1,3}\.\d{1,3}$/);
    expect(report.replyCode ?? 550).toBeGreaterThanOrEqual(200);
  }
  expect(mail.original?.headers.length ?? 0).toBeLessThanOrEqual(100);
}

describe('returned mail from strangers', () => {
  it('is read whatever was done to it', () => {
    const random = seededRandom(20_240_506);
    let understood = 0;
    for (let run = 0; run < 3_000; run += 1) {
      const read = reader.read(mutate(seeds[run % seeds.length] ?? Buffer.alloc(0), random, 20_000));
      expectBounded(read);
      if (read.kind !== 'none') understood += 1;
    }
    // The mutations leave many as they were meant: a fuzz that only makes rubbish proves nothing.
    expect(understood).toBeGreaterThan(500);
  });

  it.each([...expensiveMails(200_000)])('is read when it is made of %s', (_name, mail) => {
    expectBounded(reader.read(mail));
  });

  it('is read when it is nothing or noise', () => {
    const random = seededRandom(7);
    expectBounded(reader.read(Buffer.alloc(0)));
    for (let run = 0; run < 300; run += 1)
      expectBounded(reader.read(Buffer.from(Array.from({ length: 400 }, () => Math.floor(random() * 256)))));
  });
});
