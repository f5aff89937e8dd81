import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { archivedDigests, maildirDigests, mboxDigests } from '../support/archive-run.ts';
import { makeMaildir, mboxOf } from '../support/mail-stores.ts';
import { seeded } from '../support/mutate.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku, startTodoku } from '../support/todoku-run.ts';

const rounds = 3;
const kills = 8;
const before = 2022;

/** Starts a run and kills it when so many octets or files of the archive are there, or when it is over. */
async function killAt(folder: string, argv: readonly string[], isTime: () => boolean): Promise<boolean> {
  const run = startTodoku(folder, argv);
  let isOver = false;
  const ended = run.end.then(() => (isOver = true));
  while (!isOver && !isTime()) await new Promise((resolve) => setImmediate(resolve));
  run.kill('SIGKILL');
  await ended;
  return (await run.end).signal === 'SIGKILL';
}

const sorted = (digests: readonly string[]): readonly string[] => digests.toSorted();

test('an mbox archive that is killed at random loses nothing and copies nothing twice', async () => {
  const random = seeded(5);
  let killed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const folder = temporaryFolder();
    const source = join(folder, 'Inbox');
    const to = join(folder, 'archive');
    // 25 MB: some records of the journal, and long enough to be killed in each stage.
    const mails = Array.from({ length: 5_000 }, (_, index) => ({
      year: 2018 + (index % 8),
      body: `${index} ${'x'.repeat(Math.floor(random() * 10_000))}`,
    }));
    writeFileSync(source, mboxOf(mails));
    const original = mboxDigests(source);
    expect(original.length).toBe(mails.length);
    const argv = ['mailbox', 'archive', source, '--before', String(before), '--to', to, '--delete', '--json'];
    const copyAt = random() * 11_000_000;
    const swapAt = random() * 10_000_000;
    const times = [
      () => archiveOctets(to) > copyAt,
      () => archiveOctets(to) > 11_500_000,
      () => sizeOf(`${source}.todoku-new`) > swapAt,
    ];
    for (const isTime of times) {
      if (await killAt(folder, argv, isTime)) killed += 1;
      const there = new Set([...mboxDigests(source), ...archivedDigests(to, 'mbox')]);
      expect(original.filter((digest) => !there.has(digest))).toEqual([]);
    }
    const end = await runTodoku(folder, argv);
    expect({ code: end.code }).toEqual({ code: 0 });
    expect(sorted([...mboxDigests(source), ...archivedDigests(to, 'mbox')])).toEqual(sorted(original));
    expect(mboxDigests(source).length).toBe(mails.filter(({ year }) => year >= before).length);
  }
  // A run may be over before it is killed.
  expect(killed).toBeGreaterThanOrEqual(rounds * 2);
});

test('a Maildir archive that is killed at random loses nothing and copies nothing twice', async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'Maildir');
  const to = join(folder, 'archive');
  const random = seeded(6);
  const years = Array.from({ length: 3_000 }, (_, index) => 2018 + (index % 8));
  makeMaildir(source, years);
  const original = maildirDigests(source);
  const argv = ['mailbox', 'archive', source, '--before', String(before), '--to', to, '--delete', '--json'];
  let killed = 0;
  for (let time = 0; time < kills; time += 1) {
    const started = archivedDigests(to, 'maildir').length;
    const step = Math.floor(random() * 120);
    if (await killAt(folder, argv, () => archivedDigests(to, 'maildir').length > started + step)) killed += 1;
    const there = new Set([...maildirDigests(source), ...archivedDigests(to, 'maildir')]);
    expect(original.filter((digest) => !there.has(digest))).toEqual([]);
  }
  expect(killed).toBeGreaterThan(kills / 2);
  const end = await runTodoku(folder, argv);
  expect({ code: end.code }).toEqual({ code: 0 });
  expect(sorted([...maildirDigests(source), ...archivedDigests(to, 'maildir')])).toEqual(sorted(original));
  expect(maildirDigests(source).length).toBe(years.filter((year) => year >= before).length);
});

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function archiveOctets(to: string): number {
  if (!existsSync(to)) return 0;
  return readdirSync(to, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mbox'))
    .reduce((sum, name) => sum + sizeOf(join(to, name)), 0);
}
