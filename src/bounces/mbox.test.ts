import { expect, it } from 'vitest';
import { mailsIn } from './index.ts';

async function mailsOf(text: string, chunkOctets: number): Promise<readonly string[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const octets = Buffer.from(text);
    for (let at = 0; at < octets.length; at += chunkOctets)
      yield await Promise.resolve(octets.subarray(at, at + chunkOctets));
  }
  const mails: string[] = [];
  for await (const mail of mailsIn(chunks())) mails.push(Buffer.from(mail).toString());
  return mails;
}

const mbox = [
  'From MAILER-DAEMON Wed Oct 31 15:53:24 2018',
  'Subject: one',
  '',
  'From the start of a line it is no separator.',
  '>From here it was quoted.',
  '',
  'From ann@rcpt.example Thu Nov  1 09:00:00 2018 +0900',
  'Subject: two',
  '',
  'text',
  '',
].join('\n');

it.each([1, 7, 64, 10_000])('an mbox is cut into its mails, read %i octets at a time', async (octets) => {
  expect(await mailsOf(mbox, octets)).toEqual([
    'Subject: one\n\nFrom the start of a line it is no separator.\nFrom here it was quoted.\n\n',
    'Subject: two\n\ntext\n',
  ]);
});

it('an mbox with CRLF is cut as well', async () => {
  expect(await mailsOf(mbox.replaceAll('\n', '\r\n'), 50)).toHaveLength(2);
});

it('any other file is one mail, also an empty one', async () => {
  expect(await mailsOf('Subject: a\n\nx', 3)).toEqual(['Subject: a\n\nx']);
  expect(await mailsOf('', 3)).toEqual(['']);
});

it('what a mail has beyond 4 MiB is left out', async () => {
  const [mail = ''] = await mailsOf(`Subject: a\n\n${'x'.repeat(5_000_000)}`, 100_000);
  expect(mail.length).toBe(4 * 1_024 * 1_024);
  const long = `From a@b Wed Oct 31 15:53:24 2018\nSubject: a\n\n${'x\n'.repeat(3_000_000)}`;
  const [kept = ''] = await mailsOf(long, 100_000);
  expect(kept.length).toBeLessThan(4 * 1_024 * 1_024 + 10);
});
