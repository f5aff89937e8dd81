import { describe, expect, it } from 'vitest';
import type { MessageFindings } from '../../src/deliverability/index.ts';
import { lookAt, look, makeMail } from '../findings/message-world.ts';
import { expensiveMails, mutate, seededRandom } from './mutate-mail.ts';

// Anybody may send a mail to a diagnosis address: whatever it holds is looked at without an exception, and what is kept of it
// is bounded.

function expectBounded({ findings, score }: MessageFindings): void {
  expect(score.points).toBeGreaterThanOrEqual(0);
  expect(score.points).toBeLessThanOrEqual(score.of);
  expect(findings.length).toBeLessThanOrEqual(500);
  for (const { evidence, subject } of findings) {
    expect(evidence.length).toBeLessThanOrEqual(2_000);
    expect(subject.length).toBeLessThanOrEqual(1_000);
  }
}

describe('messages of strangers', () => {
  it('are looked at whatever was done to them', async () => {
    const random = seededRandom(20_261_124);
    const seed = await makeMail({});
    let untouched = 0;
    for (let run = 0; run < 500; run += 1) {
      const found = await lookAt(mutate(seed, random, 20_000));
      expectBounded(found);
      if (found.findings.every(({ id }) => id !== 'message.no-mail')) untouched += 1;
    }
    expect(untouched).toBeGreaterThan(100);
  });

  it.each([...expensiveMails(200_000)])('are looked at when made of %s', async (_name, mail) => {
    expectBounded(await lookAt(Buffer.from(mail)));
  });

  const head = 'From: a@shop.example\r\nTo: b@c.example\r\nSubject: x\r\n';
  const html = `${head}MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n`;
  it.each([
    ['elements within each other', `${html}${'<div>'.repeat(100_000)}`],
    ['links', `${html}${'<a href="https://a.example/">https://b.example.com/</a>'.repeat(10_000)}`],
    ['open brackets', `${html}${'<'.repeat(500_000)}`],
    ['quotes in From', `${head.replace('a@', `${'"'.repeat(8_000)}a@`)}\r\nx`],
    ['parentheses in From', `${head.replace('a@', `${'('.repeat(8_000)}a@`)}\r\nx`],
    [
      'parts',
      `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Transfer-Encoding: x\r\n\r\nx\r\n'.repeat(5_000)}`,
    ],
    [
      'a charset in each part',
      `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${Array.from({ length: 5_000 }, (_, n) => `--b\r\nContent-Type: text/plain; charset=x${n}\r\n\r\nx\r\n`).join('')}`,
    ],
    [
      'ISO-2022-JP without end',
      `${head}Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n${'\u001b$B-!'.repeat(50_000)}`,
    ],
  ])('are looked at when made of many %s', async (_name, mail) => {
    expectBounded(await lookAt(Buffer.from(mail, 'latin1')));
  });

  it('are looked at when they come with an odd envelope', async () => {
    for (const sender of ['', '@', 'a@', 'a@b@c', `${'a'.repeat(300)}@b`, 'a b@c', '日本@日本'])
      expectBounded(await look({ envelope: { ip: '192.0.2.1', helo: ' ', sender } }));
    expectBounded(await look({ envelope: { ip: 'nonsense', helo: '', sender: 'a@b.example' } }));
  });
});
