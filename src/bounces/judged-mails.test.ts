import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge, verdictNames } from '../knowledge/index.ts';
import { createBounceReader, failedAddress, type RecipientReport } from './index.ts';

// Whole mails with what an administrator holds of them: who failed, why, and whether for good. Each list was written down
// before the reader had seen it, from documentation and practice, apart from the rules; addresses are nobody's (RFC 2606).
// TODOKU_SHOW_MISSES=1 prints where we hold otherwise.

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));
const showMisses = process.env['TODOKU_SHOW_MISSES'] === '1';
const boundary = 'part-of-the-report';

type Sample = {
  readonly name: string;
  /** `ann@a.example`; `a>b`: was sent to a, failed at b; `a=delayed`: what else became of it. */
  readonly recipients: readonly string[];
  /** For each recipient, or one for all: the verdict, others that are right as well behind a slash. */
  readonly verdicts: readonly (readonly string[])[];
  readonly hard: readonly boolean[];
  readonly mail: string;
};

/** `=== name | recipients | verdicts | hard or soft`, then a head, an empty line, the text; `@@ kind` begins a MIME part. */
function readSamples(text: string): readonly Sample[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((block) => {
      const end = block.indexOf('\n');
      const [name = '', recipients = '', verdicts = '', hard = ''] = block.slice(0, end).split('|');
      return {
        name: name.trim(),
        recipients: wordsOf(recipients).map((word) => word.replace(/^"(.*)"$/, '$1')),
        verdicts: wordsOf(verdicts).map((word) => word.split('/').filter((each) => isVerdict(each))),
        hard: wordsOf(hard).map((word) => word === 'hard'),
        mail: assembled(block.slice(end + 1)),
      };
    });
}

function wordsOf(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

function isVerdict(name: string): boolean {
  return verdictNames.some((each) => each === name);
}

const partTypes: Readonly<Record<string, string>> = {
  text: 'text/plain; charset=UTF-8',
  html: 'text/html; charset=UTF-8',
  status: 'message/delivery-status',
  original: 'message/rfc822',
  headers: 'text/rfc822-headers',
};

/** The mail with a null return path and MIME as reports have it (RFC 3462), unless its own head says otherwise. */
function assembled(block: string): string {
  const [first = '', ...marked] = block.split(/^@@ (?=\w+$)/m);
  const split = first.indexOf('\n\n');
  const head = split < 0 ? first.trimEnd() : first.slice(0, split);
  const body = split < 0 ? '' : first.slice(split + 2);
  const parts = marked.map((part) => ({
    kind: part.slice(0, part.indexOf('\n')),
    content: part.slice(part.indexOf('\n') + 1),
  }));
  const all = body.trim() === '' ? parts : [{ kind: 'text', content: body }, ...parts];
  const usual = [
    ['Return-Path', '<>'],
    ['From', 'MAILER-DAEMON@mx.example (Mail Delivery System)'],
    ['To', 'bounce@sender.example'],
    ['Date', 'Mon, 6 May 2024 10:00:00 +0000'],
    ['Message-ID', '<r1@mx.example>'],
    ['MIME-Version', '1.0'],
  ].filter(([name]) => !new RegExp(`^${name}:`, 'im').test(head));
  const start = [...usual.map(([name, value]) => `${name}: ${value}`), head].join('\n');
  const [only] = all;
  if (only === undefined) return `${start}\n\n`;
  if (all.length === 1 && (only.kind === 'text' || only.kind === 'html')) {
    return `${start}\nContent-Type: ${partTypes[only.kind]}\nContent-Transfer-Encoding: 8bit\n\n${only.content}`;
  }
  const type = all.some(({ kind }) => kind === 'status')
    ? 'multipart/report; report-type=delivery-status'
    : 'multipart/mixed';
  const sections = all.map(
    ({ kind, content }) => `--${boundary}\nContent-Type: ${partTypes[kind]}\n\n${content}`,
  );
  return `${start}\nContent-Type: ${type}; boundary="${boundary}"\n\n${sections.join('\n')}\n--${boundary}--\n`;
}

function written(report: RecipientReport): string {
  const failed = failedAddress(report);
  const address = failed === report.recipient ? `${failed}` : `${report.recipient}>${failed}`;
  return report.action === 'failed' ? address : `${address}=${report.action}`;
}

type Held = {
  readonly recipient: boolean;
  readonly verdict: boolean;
  readonly hard: boolean;
  readonly got: string;
};

function held(sample: Sample, index: number, reports: readonly RecipientReport[]): Held {
  const wanted = sample.recipients[index] ?? '';
  const found = reports.find((each) => written(each) === wanted);
  // A wrong address may still have the right reason: of one recipient it is the only report.
  const report = found ?? (sample.recipients.length === 1 ? reports[0] : undefined);
  const verdicts = sample.verdicts[index] ?? sample.verdicts[0] ?? [];
  return {
    recipient: found !== undefined && reports.length === sample.recipients.length,
    verdict: report !== undefined && verdicts.includes(report.verdict),
    hard: report !== undefined && report.hardBounce === (sample.hard[index] ?? sample.hard[0]),
    got:
      report === undefined
        ? 'nothing'
        : `${reports.map((each) => written(each)).join(' ')} ${report.status} ${report.replyCode} ${report.verdict} ${report.hardBounce} ${report.rule}`,
  };
}

const folder = path.join(import.meta.dirname, 'judged-mails');

// The least shares are what is reached, a little below, so that a change that breaks others is seen.
describe.each([
  { list: 'first', mails: 230, recipientShare: 0.98, verdictShare: 0.95, hardShare: 0.95 },
  { list: 'second', mails: 100, recipientShare: 0.98, verdictShare: 0.97, hardShare: 0.97 },
])('the $list list', ({ list, mails, recipientShare, verdictShare, hardShare }) => {
  it('is read as an administrator would read it', () => {
    const samples = readdirSync(path.join(folder, list)).flatMap((file) =>
      readSamples(readFileSync(path.join(folder, list, file), 'utf8')),
    );
    const misses: string[] = [];
    const right = { all: 0, found: 0, recipient: 0, verdict: 0, hard: 0 };
    for (const sample of samples) {
      expect(sample.recipients).not.toEqual([]);
      const { reports } = reader.read(Buffer.from(sample.mail, 'utf8'));
      for (const [index, recipient] of sample.recipients.entries()) {
        const each = held(sample, index, reports);
        right.all += 1;
        right.found += reports.length > 0 ? 1 : 0;
        right.recipient += each.recipient ? 1 : 0;
        right.verdict += each.verdict ? 1 : 0;
        right.hard += each.hard ? 1 : 0;
        if (each.recipient && each.verdict && each.hard) continue;
        const marks = `${each.recipient ? '' : 'R'}${each.verdict ? '' : 'V'}${each.hard ? '' : 'H'}`;
        misses.push(`${marks} ${sample.name} [${recipient} ${sample.verdicts.join(' ')}] ≠ ${each.got}`);
      }
    }
    const share = (count: number): string => `${((count / right.all) * 100).toFixed(1)} %`;
    console.log(
      `the ${list} list: ${right.all} recipients of ${samples.length} mails, found ${share(right.found)}, recipient ${share(right.recipient)}, verdict ${share(right.verdict)}, hard/soft ${share(right.hard)}`,
    );
    const reached =
      right.recipient / right.all >= recipientShare &&
      right.verdict / right.all >= verdictShare &&
      right.hard / right.all >= hardShare;
    if (showMisses || !reached) console.log(misses.join('\n'));
    expect(samples.length).toBeGreaterThanOrEqual(mails);
    expect(reached).toBe(true);
  });
});
