import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { archivedDigests, maildirDigests, mboxDigests } from '../../../test/support/archive-run.ts';
import { mailText, makeMaildir, mboxMail, mboxOf } from '../../../test/support/mail-stores.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { archiveStore } from './archive-store.ts';
import type { ArchiveRequest, ArchiveResult, ArchiveWatch } from './archive-request.ts';

const years = [2019, 2020, 2020, 2023, 2024, 2024] as const;

async function archive(
  request: Partial<ArchiveRequest> & Pick<ArchiveRequest, 'source' | 'to'>,
  watch: Partial<ArchiveWatch> = {},
): Promise<ArchiveResult> {
  return await archiveStore(
    { before: 2023, dryRun: false, removes: false, ...request },
    {
      signal: new AbortController().signal,
      thisYear: 2026,
      planned: () => undefined,
      progress: () => undefined,
      freeBytes: () => Promise.resolve(1e12),
      ...watch,
    },
  );
}

function inbox(): { readonly source: string; readonly to: string; readonly original: readonly string[] } {
  const folder = temporaryFolder();
  const source = join(folder, 'Inbox');
  writeFileSync(source, mboxOf(years.map((year) => ({ year }))));
  return { source, to: join(folder, 'archive'), original: mboxDigests(source) };
}

const sorted = (digests: readonly string[]): readonly string[] => digests.toSorted();
const journalIn = (to: string): string =>
  join(to, readdirSync(to).find((name) => name.endsWith('.journal')) ?? '');

describe('an mbox', () => {
  test('a dry run writes nothing', async () => {
    const { source, to } = inbox();
    const { plan, copied } = await archive({ source, to, dryRun: true });
    expect(plan).toMatchObject({
      years: [
        { year: 2019, messages: 1 },
        { year: 2020, messages: 2 },
      ],
      stays: 3,
      undated: 0,
    });
    expect(copied).toBe(0);
    expect(() => readdirSync(to)).toThrow('ENOENT');
  });

  test('copied, copied again, then removed: each message is in one place, and the rights stay', async () => {
    const { source, to, original } = inbox();
    expect(await archive({ source, to })).toMatchObject({ copied: 3, verified: 3, removed: 0 });
    expect(await archive({ source, to })).toMatchObject({ copied: 0, verified: 3, removed: 0 });
    expect(await archive({ source, to, removes: true })).toMatchObject({
      copied: 0,
      verified: 3,
      removed: 3,
    });
    expect(sorted([...mboxDigests(source), ...archivedDigests(to, 'mbox')])).toEqual(sorted(original));
    expect(statSync(source).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(source, '..')).toSorted()).toEqual(['Inbox', 'archive']);
    expect(await archive({ source, to, removes: true })).toMatchObject({
      copied: 0,
      verified: 0,
      removed: 0,
    });
    // The next year's run, into the same folder.
    const next = await archive({ source, to, before: 2024, removes: true });
    expect(next).toMatchObject({ copied: 1, removed: 1 });
    expect(sorted([...mboxDigests(source), ...archivedDigests(to, 'mbox')])).toEqual(sorted(original));
  });

  test('new mail that came in since the copy stays', async () => {
    const { source, to, original } = inbox();
    await archive({ source, to });
    appendFileSync(source, mboxMail(77, { year: 2025 }));
    const added = mboxDigests(source).at(-1) ?? '';
    expect(await archive({ source, to, removes: true })).toMatchObject({ copied: 0, removed: 3 });
    expect(sorted([...mboxDigests(source), ...archivedDigests(to, 'mbox')])).toEqual(
      sorted([...original, added]),
    );
  });

  test('what was changed since the copy is left alone', async () => {
    const { source, to } = inbox();
    await archive({ source, to });
    writeFileSync(source, mboxOf([{ year: 2019, body: 'another' }, ...years.map((year) => ({ year }))]));
    const before = readFileSync(source);
    await expect(archive({ source, to, removes: true })).rejects.toMatchObject({
      code: 'archive-source-changed',
    });
    expect(readFileSync(source).equals(before)).toBe(true);
  });

  test('a copy that is not equal stops everything', async () => {
    const { source, to } = inbox();
    await archive({ source, to });
    const copy = join(to, '2020', readdirSync(join(to, '2020'))[0] ?? '');
    const bytes = readFileSync(copy);
    bytes[bytes.length - 5] = 0x21;
    writeFileSync(copy, bytes);
    const before = readFileSync(source);
    await expect(archive({ source, to, removes: true })).rejects.toMatchObject({
      code: 'archive-copy-differs',
    });
    expect(readFileSync(source).equals(before)).toBe(true);
  });

  test('a crash between putting the new file in place and the end of the journal', async () => {
    const { source, to, original } = inbox();
    await archive({ source, to });
    const path = journalIn(to);
    const record: unknown = JSON.parse(readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '');
    await archive({ source, to, removes: true });
    const kept = readFileSync(source);
    const swap = { size: kept.length, digest: createHash('sha256').update(kept).digest('hex') };
    writeFileSync(path, `${JSON.stringify({ ...Object(record), swap })}\n{"offset":12,"dig`);
    appendFileSync(source, mboxMail(78, { year: 2025 }));
    const added = mboxDigests(source).at(-1) ?? '';
    expect(await archive({ source, to, removes: true })).toMatchObject({ copied: 0, removed: 0 });
    expect(sorted([...mboxDigests(source), ...archivedDigests(to, 'mbox')])).toEqual(
      sorted([...original, added]),
    );
  });

  test('a lock of another program is respected, one of a run that died is not', async () => {
    const { source, to, original } = inbox();
    writeFileSync(`${source}.lock`, '');
    await expect(archive({ source, to, removes: true })).rejects.toMatchObject({ code: 'archive-in-use' });
    expect(mboxDigests(source)).toEqual(original);
    // No process has a number beyond 2^22 (proc(5), pid_max).
    writeFileSync(`${source}.lock`, 'todoku 99999999\n');
    expect(await archive({ source, to, removes: true })).toMatchObject({ removed: 3 });
  });

  test('mail without a believable date stays, and a link leads to the file', async () => {
    const folder = temporaryFolder();
    const source = join(folder, 'Inbox');
    const dateless = mboxMail(1, { year: 2019 })
      .replace(/^Date:.*\n/m, '')
      .replace(/^From .*$/m, 'From a 10:00 1969');
    const future = mboxMail(2, { year: 2019 }).replace(/^Date:.*$/m, 'Date: Tue, 1 Jan 2099 00:00:00 +0000');
    writeFileSync(source, `${dateless}${future}`);
    symlinkSync(source, join(folder, 'link'));
    const { plan, removed } = await archive({
      source: join(folder, 'link'),
      to: join(folder, 'a'),
      removes: true,
    });
    expect(plan).toMatchObject({ years: [{ year: 2019, messages: 1 }], stays: 1, undated: 1 });
    expect(removed).toBe(1);
    expect(readFileSync(source, 'utf8')).toBe(dateless);
  });

  test('another --before in the same folder while the first is not over', async () => {
    const { source, to } = inbox();
    await archive({ source, to });
    await expect(archive({ source, to, before: 2024 })).rejects.toMatchObject({ code: 'archive-other-year' });
  });

  test('nothing is begun without room', async () => {
    const { source, to, original } = inbox();
    const freeBytes = (): Promise<number> => Promise.resolve(1_000);
    await expect(archive({ source, to }, { freeBytes })).rejects.toMatchObject({ code: 'archive-no-room' });
    expect(mboxDigests(source)).toEqual(original);
  });
});

describe('a Maildir', () => {
  function maildir(): { readonly source: string; readonly to: string; readonly original: readonly string[] } {
    const folder = temporaryFolder();
    const source = join(folder, 'Maildir');
    makeMaildir(source, years);
    writeFileSync(join(source, 'new', '1577836800.new'), 'Subject: no date\r\n\r\n');
    return { source, to: join(folder, 'archive'), original: maildirDigests(source) };
  }

  test('flags, times and the state of being unread go along; without a date the time of delivery counts', async () => {
    const { source, to, original } = maildir();
    utimesSync(join(source, 'cur', '1700000000.M0.host:2,S'), 1_600_000_000, 1_600_000_000);
    expect(await archive({ source, to, removes: true })).toMatchObject({
      copied: 4,
      verified: 4,
      removed: 4,
    });
    expect(sorted([...maildirDigests(source), ...archivedDigests(to, 'maildir')])).toEqual(sorted(original));
    expect(readdirSync(join(to, '2020', 'new'))).toEqual(['1577836800.new']);
    expect(readdirSync(join(to, '2019', 'cur'))).toEqual(['1700000000.M0.host:2,S']);
    expect(statSync(join(to, '2019', 'cur', '1700000000.M0.host:2,S')).mtimeMs).toBe(1_600_000_000_000);
  });

  test('two Maildirs with equal names in one archive', async () => {
    const { source, to, original } = maildir();
    const other = join(source, '.Other');
    makeMaildir(other, []);
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'cur', '1700000000.M0.host:2,S'), mailText(99, 2019, 'another'));
    const all = [...original, ...maildirDigests(other)];
    await archive({ source, to, removes: true });
    await archive({ source: other, to, removes: true });
    expect(sorted([...maildirDigests(source), ...archivedDigests(to, 'maildir')])).toEqual(sorted(all));
    expect(readdirSync(join(to, '2019', 'cur')).length).toBe(2);
  });
});

test('what is no store is refused, and nothing is made', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'notes.txt'), 'hello');
  const to = join(folder, 'archive');
  await expect(archive({ source: join(folder, 'notes.txt'), to })).rejects.toMatchObject({
    code: 'archive-not-a-store',
  });
  await expect(archive({ source: join(folder, 'gone'), to })).rejects.toMatchObject({
    code: 'archive-failed',
  });
});
