import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { expect, test } from 'vitest';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder, codeOf } from '../support/campaign-folder.ts';
import type { PublishedKey } from '../support/campaign-folder.ts';
import { checkDkim } from '../support/dkim-check.ts';
import { askLedger, runTodoku, sendResult } from '../support/todoku-run.ts';

type Mail = { readonly path: string; readonly id: string; readonly bytes: Buffer };

/** Every 400th has an address as docomo gave them out until 2009: RFC 5321 §4.1.2 allows it in quotes only. */
function addressOf(row: number): string {
  return row % 400 === 7 ? `.hana..ko${row}.@docomo.ne.jp` : `user${row}@d${row % 60}.example`;
}

/** The path that RCPT must name. */
function pathOf(row: number): string {
  const address = addressOf(row);
  return address.startsWith('.') ? address.replace(/^(.*)@/, '"$1"@') : address;
}

async function mailauthSays(bytes: Buffer, keys: ReadonlyMap<string, PublishedKey>): Promise<string> {
  const answer = await dkimVerify(bytes, {
    resolver: async (name: string, type: string): Promise<string[][]> => {
      const published = keys.get(name);
      if (type !== 'TXT' || published === undefined)
        throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
      return await Promise.resolve([[published.record]]);
    },
  });
  return answer.results.map(({ status }) => status.result).join(' ');
}

/** Sends to so many rows, and looks at everything that arrives. */
async function expectOneEach(rows: number, algorithms: readonly PublishedKey['algorithm'][]): Promise<void> {
  const mails: Mail[] = [];
  const { sink, arrivals } = await startArrivalSink(({ recipients, messageId, content }) => {
    mails.push({ path: recipients[0] ?? '', id: messageId ?? '', bytes: content ?? Buffer.alloc(0) });
  });
  const addresses = Array.from({ length: rows }, (_, row) => addressOf(row));
  const { folder, send, keys } = campaignFolder({ port: sink.port, addresses, algorithms });

  const end = await runTodoku(folder, send);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  const result = sendResult(end);
  const none = { bounced: 0, suppressed: 0, expired: 0, cancelled: 0, waiting: 0 };
  expect(result).toMatchObject({ accepted: rows, delivered: rows, ...none, unknown: 0, interrupted: false });
  expect(result.campaign).toMatch(/^c-/);
  expect(result.seconds).toBeGreaterThan(0);
  expect(Math.abs(result.perSecond - rows / result.seconds)).toBeLessThan(1);

  // Exactly once each, and each what was meant for it.
  expect(mails.map(({ path }) => path).toSorted()).toEqual(addresses.map((_, row) => pathOf(row)).toSorted());
  expect(sink.stats()).toMatchObject({ messages: rows, duplicates: 0, withoutMessageId: 0 });
  expect(arrivals.duplicates).toBe(0);
  expect(new Set(mails.map(({ id }) => id)).size).toBe(rows);
  const rowOf = new Map(addresses.map((_, row) => [pathOf(row), row]));
  const wrong = mails.filter(({ path, bytes }) => {
    const text = bytes.toString('latin1');
    return !text.includes(codeOf(rowOf.get(path) ?? -1)) || !text.includes(`\r\nTo: ${path}\r\n`);
  });
  expect(wrong.map(({ path }) => path)).toEqual([]);
  const sizes = mails.map(({ bytes }) => bytes.length);
  expect(Math.min(...sizes)).toBeGreaterThan(1_500);
  expect(Math.max(...sizes)).toBeLessThan(3_000);

  // Every signature by the clauses of RFC 6376, and a sample by mailauth.
  const good = algorithms.map(() => '');
  // A check that cannot fail proves nothing: one octet of the body, one of the subject.
  const first = mails[0]?.bytes.toString('latin1') ?? '';
  const altered = (from: string, to: string): readonly string[] =>
    checkDkim(Buffer.from(first.replace(from, to), 'latin1'), keys);
  expect(altered('CODE-', 'CODF-')).toEqual(algorithms.map(() => 'the body hash differs'));
  expect(altered('Subject: =?', 'Subject: x=?')).toEqual(
    algorithms.map(() => 'the signature does not verify'),
  );
  const bad = mails.map(({ bytes }) => checkDkim(bytes, keys)).filter((each) => each.join() !== good.join());
  expect(bad).toEqual([]);
  const sample = mails.filter((_, index) => index % Math.ceil(rows / 300) === 0);
  const said = await Promise.all(sample.map(({ bytes }) => mailauthSays(bytes, keys)));
  expect(new Set(said)).toEqual(new Set([algorithms.map(() => 'pass').join(' ')]));

  expect((await askLedger(folder)).total).toMatchObject({ accepted: rows, delivered: rows, waiting: 0 });
  console.log(`${rows} mails of ${Math.round(sink.stats().bytes / rows)} bytes: ${result.perSecond}/s`);
}

test('20,000 recipients get one mail each, signed and their own', async () => {
  await expectOneEach(20_000, ['rsa-sha256']);
});

test('RSA and Ed25519 together: both signatures of every mail are valid', async () => {
  await expectOneEach(1_000, ['rsa-sha256', 'ed25519-sha256']);
});
