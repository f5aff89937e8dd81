import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ReceivedMessage } from '../../simulator/index.ts';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { askLedger, runTodoku, sendResult, whyAnswer } from '../support/todoku-run.ts';
import type { TodokuEnd } from '../support/todoku-run.ts';

const people = ['gone', 'full', 'blocked', 'junk', 'forged', 'fine'] as const;
type Person = (typeof people)[number];
const addressOf = (person: Person): string => `${person}@d.example`;

/** A shop whose receiver takes everything; what comes back is up to the test. */
async function shop() {
  const received: ReceivedMessage[] = [];
  const { sink } = await startArrivalSink((message) => void received.push(message));
  const { folder, send } = campaignFolder({ port: sink.port, addresses: people.map(addressOf) });
  const config: unknown = JSON.parse(readFileSync(join(folder, 'todoku.yaml'), 'utf8'));
  // Two in a row instead of five, so that the test needs two campaigns instead of five.
  const changed = Object.assign({}, config, { suppression: { softCount: 2, softRest: '10d' } });
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(changed));
  const run = async (...argv: readonly string[]): Promise<TodokuEnd> => await runTodoku(folder, argv);
  let mails = 0;
  return {
    run,
    folder,
    campaign: async () => sendResult(await run(...send)),
    /** The newest return path that a person's mail came with. */
    returnPath: (person: Person): string =>
      received.findLast(({ recipients }) => recipients.includes(addressOf(person)))?.from ?? '',
    takeIn: async (texts: readonly string[]) => {
      const inbox = join(folder, `inbox-${mails}`);
      mkdirSync(inbox);
      for (const text of texts) {
        mails += 1;
        writeFileSync(join(inbox, `${mails}.eml`), text.replaceAll(/\r?\n/g, '\r\n'));
      }
      const end = await run('intake', inbox, '--json');
      expect(end).toMatchObject({ code: 0 });
      return JSON.parse(end.stdout) as unknown;
    },
  };
}

type Bounce = {
  readonly to: string;
  readonly person: Person;
  readonly status: string;
  readonly said: string;
  /** What makes it another mail than the one before. */
  readonly nth?: number;
};

/** RFC 3464 as a mailbox host sends it. */
function bounceMail({ to, person, status, said, nth = 1 }: Bounce): string {
  return `Return-Path: <>
Delivered-To: ${to}
From: Mail Delivery System <mailer-daemon@mx.d.example>
To: ${to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <${nth}.${person}@mx.d.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.d.example

Final-Recipient: rfc822; ${addressOf(person)}
Action: failed
Status: ${status}
Remote-MTA: dns; store.d.example
Diagnostic-Code: smtp; ${said}

--b--
`;
}

/** RFC 5965, with the mail that was complained about. */
function complaintMail(to: string): string {
  return `Return-Path: <fbl@d.example>
Delivered-To: ${to}
From: feedback loop <fbl@d.example>
To: ${to}
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A user called this mail junk.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Loop/1.0
Version: 1
Original-Mail-From: <${to}>
Original-Rcpt-To: <${addressOf('junk')}>

--b
Content-Type: message/rfc822

Return-Path: <${to}>
From: news@news.example
To: ${addressOf('junk')}
Subject: news

text
--b--
`;
}

const unknown = {
  status: '5.1.1',
  said: '550 5.1.1 <gone@d.example>: Recipient address rejected: User unknown',
};
const full = { status: '5.2.2', said: '552 5.2.2 <full@d.example>: mailbox full' };
const blocked = {
  status: '5.7.1',
  said: '554 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org',
};

test('suppresses exactly what the policy says, names its evidence, and forgets nothing', async () => {
  const { run, campaign, returnPath, takeIn, folder } = await shop();
  expect(await campaign()).toMatchObject({ delivered: 6, suppressed: 0 });
  const firstPath = returnPath('gone');
  await takeIn([
    bounceMail({ to: firstPath, person: 'gone', ...unknown }),
    bounceMail({ to: returnPath('full'), person: 'full', ...full }),
    bounceMail({ to: returnPath('blocked'), person: 'blocked', ...blocked }),
    complaintMail(returnPath('junk')),
    // A seal that somebody made up, and the address without any.
    bounceMail({ to: returnPath('forged').replace(/.{4}@/, 'aaaa@'), person: 'forged', ...unknown }),
    bounceMail({ to: 'bounce@news.example', person: 'forged', ...unknown }),
  ]);
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 6, delivered: 3, bounced: 3 });

  expect(await campaign()).toMatchObject({ accepted: 6, delivered: 4, suppressed: 2 });
  await takeIn([bounceMail({ to: returnPath('full'), person: 'full', ...full, nth: 2 })]);
  expect(await campaign()).toMatchObject({ accepted: 6, delivered: 3, suppressed: 3 });

  const { stdout } = await run('suppression', 'list', '--json');
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows).toMatchObject([
    {
      address: addressOf('full'),
      reason: 'bounced',
      verdict: 'mailboxfull',
      untilMs: expect.any(Number) as number,
    },
    { address: addressOf('gone'), reason: 'bounced', verdict: 'userunknown', untilMs: null },
    { address: addressOf('junk'), reason: 'complained', verdict: 'feedback', untilMs: null },
  ]);
  expect(rows.every(({ evidence }) => String(evidence).startsWith('returned:'))).toBe(true);

  // Lifted by somebody: the old news, told again in other words, does not bring it back.
  const lifting = ['suppression', 'remove', addressOf('gone'), '--because', 'the mailbox is back'];
  expect(await run(...lifting)).toMatchObject({ code: 0 });
  await takeIn([bounceMail({ to: firstPath, person: 'gone', ...unknown, nth: 9 })]);
  expect(await campaign()).toMatchObject({ delivered: 4, suppressed: 2 });
  const history = await run('suppression', 'history', addressOf('gone'), '--json');
  expect(JSON.parse(history.stdout)).toMatchObject({
    history: [{ reason: 'bounced', ended: { by: 'lifted', because: 'the mailbox is back', source: 'cli' } }],
  });
  await askLedger(folder);
});

test('errors and why tell of what came back', async () => {
  const { run, campaign, returnPath, takeIn, folder } = await shop();
  await campaign();
  await takeIn([
    bounceMail({ to: returnPath('gone'), person: 'gone', ...unknown }),
    bounceMail({ to: 'bounce@news.example', person: 'forged', ...unknown }),
    complaintMail(returnPath('junk')),
  ]);
  const list = async (...more: readonly string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await run('errors', '--json', ...more)).stdout) as Record<string, unknown>;
  expect(await list('--bounced')).toMatchObject({
    errors: [
      {
        kind: 'bounced-later',
        address: addressOf('gone'),
        said: expect.stringContaining('User unknown') as string,
      },
    ],
    next: null,
  });
  expect(await list('--counts', '--domain', 'd.example')).toMatchObject({ total: 2 });
  expect(await list('--counts', '--unproved')).toMatchObject({ total: 3 });
  const file = join(folder, 'errors.csv');
  expect(await list('--csv', file)).toEqual({ file, written: 2 });
  expect(readFileSync(file, 'utf8').trim().split('\r\n')).toHaveLength(3);
  expect(await run('errors', '--verdict', 'userunknow', '--lang', 'en')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean userunknown?') as string,
  });

  const mistakes = [
    [['--since', '1d', '--until', '7d'], '--until is before --since'],
    [['--limit', '0'], '--limit is from 1 to 1000, not 0'],
    [['--address', 'example.jp'], 'has no @'],
    [['--counts', '--csv', file], 'do not go together'],
  ] as const;
  for (const [argv, said] of mistakes) {
    const { code, stderr } = await run('errors', ...argv, '--lang', 'en');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) as string });
  }

  const gone = whyAnswer(await run('why', addressOf('gone'), '--json'));
  expect(gone).toMatchObject({ state: 'bounced', later: true, verdict: 'userunknown' });
  expect(gone.timeline.map(({ event }) => event)).toEqual(['accepted', 'attempted', 'bounced-later']);
  expect(gone.suppressions).toMatchObject([
    { reason: 'bounced', evidence: expect.stringMatching(/^returned:/) as string },
  ]);
  const junk = whyAnswer(await run('why', addressOf('junk'), '--json'));
  expect(junk).toMatchObject({ state: 'delivered', verdict: 'feedback', certainty: 'proved' });
  expect(junk.advice.ja.title).not.toBe(gone.advice.ja.title);
  expect((await run('why', addressOf('junk'), '--lang', 'en')).stdout).toContain('whose turn: the sender');
  const shown = await run('why', addressOf('gone'), '--lang', 'ja');
  expect(shown.stdout).toContain('受信側が受け取った後に不達');

  expect(await run('suppression', 'add', '--scope', 'domain', 'nowhere.example')).toMatchObject({ code: 0 });
  expect(whyAnswer(await run('why', 'never@nowhere.example', '--json'))).toMatchObject({
    message: null,
    state: 'suppressed',
    suppressions: [{ scope: 'domain', reason: 'manual' }],
  });
});
