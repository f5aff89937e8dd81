import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { limitMs } from './contenders/contender.ts';
import { oneDomain, writeRecipients } from './load.ts';
import { measure } from './measure.ts';
import { tell } from './section.ts';
import type { Section } from './section.ts';
import { startServing } from './serving.ts';
import { startSinkProcess } from './sink-process.ts';

export type OvertakingFigures = { readonly idleP50Ms: number; readonly busyP99Ms: number };

type Waits = { readonly p50Ms: number; readonly p99Ms: number };

const bin = fileURLToPath(new URL('../bin/todoku.js', import.meta.url));
const client = fileURLToPath(new URL('./accept-main.ts', import.meta.url));
// One password reset every 20 ms, over a few connections.
const perSecond = 50;
const connections = 4;

export type OvertakingOptions = {
  readonly keyFile: string;
  /** Recipients of the campaign that is under way. */
  readonly recipients: number;
  /** Mails of applications, each time. */
  readonly mails: number;
};

/** From the acceptance of a mail to the receiver's 250: with nothing else to do, and while a campaign runs. */
export async function measureOvertaking({
  keyFile,
  recipients,
  mails,
}: OvertakingOptions): Promise<{ readonly figures: OvertakingFigures; readonly section: Section }> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-bench-'));
  const sink = await startSinkProcess(1);
  const serving = await startServing({ folder, keyFile, port: sink.port });
  const submit = async (): Promise<Waits> => {
    const after = newestMail(folder);
    const { httpPort: port, token } = serving;
    const task = JSON.stringify({ kind: 'http', port, token, connections, count: mails, perSecond });
    await measure([process.execPath, client, task], { cwd: folder, limitMs });
    return waitsOf(folder, after);
  };
  try {
    // The first messages meet code that is not compiled yet, and a path without a session.
    await submit();
    const idle = await submit();
    tell(`overtaking idle p50 ${idle.p50Ms} ms p99 ${idle.p99Ms} ms`);
    await startCampaign(folder, recipients);
    const busy = await submit();
    tell(`overtaking busy p50 ${busy.p50Ms} ms p99 ${busy.p99Ms} ms`);
    const row = (name: string, { p50Ms, p99Ms }: Waits): readonly string[] => [
      name,
      String(p50Ms),
      String(p99Ms),
    ];
    return {
      figures: { idleP50Ms: idle.p50Ms, busyP99Ms: busy.p99Ms },
      section: {
        title: 'From acceptance to the receiver’s 250',
        notes: [
          `${mails} mails of 2 KB, ${perSecond} a second over HTTP, signed with RSA-2048; times as the record has them, in whole milliseconds.`,
        ],
        head: ['meanwhile', 'p50 ms', 'p99 ms'],
        rows: [row('nothing', idle), row(`a campaign of ${recipients} to the same host`, busy)],
      },
    };
  } finally {
    await serving.stop();
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startCampaign(folder: string, count: number): Promise<void> {
  writeRecipients(join(folder, 'recipients.csv'), { count, slots: 0, domainOf: oneDomain });
  const template = join(folder, 'news.html');
  writeFileSync(template, '<p>News for {{ email }}</p>');
  const content = ['--from', 'Bench <news@example.com>', '--subject', 'News', '--template', template];
  const command = [
    process.execPath,
    bin,
    'send',
    ...content,
    '--recipients',
    'recipients.csv',
    '--no-wait',
    '--json',
  ];
  await measure(command, { cwd: folder, limitMs });
}

function open(folder: string): DatabaseSync {
  return new DatabaseSync(join(folder, 'data', 'todoku.db'), { readOnly: true });
}

function newestMail(folder: string): number {
  const db = open(folder);
  const row = db.prepare('SELECT coalesce(max(id), 0) AS id FROM mail').get();
  db.close();
  return Number(row?.['id']);
}

/** What is not delivered yet has waited until now. */
function waitsOf(folder: string, after: number): Waits {
  const db = open(folder);
  const rows = db
    .prepare(
      `SELECT coalesce(settled.at_ms, ?) - mail.created_ms AS waited FROM mail
       LEFT JOIN settled ON settled.message_id = mail.first_id WHERE mail.id > ? ORDER BY waited`,
    )
    .all(Date.now(), after)
    .map((row) => Number(row['waited']));
  db.close();
  const at = (share: number): number => rows[Math.min(rows.length - 1, Math.floor(rows.length * share))] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
