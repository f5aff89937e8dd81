import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archiveImap } from '../../src/mailbox/index.ts';
import type { ArchiveResult, ArchiveWatch } from '../../src/mailbox/index.ts';
import { archivedDigests, maildirDigests } from '../support/archive-run.ts';
import { startDovecot } from '../support/dovecot.ts';
import type { Dovecot } from '../support/dovecot.ts';
import { mailText } from '../support/mail-stores.ts';
import { requirePeer } from '../support/peer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const isMissing = !requirePeer('dovecot');
const years = [2019, 2020, 2020, 2023, 2024];
// A large one comes in several pieces.
const body = (index: number): string =>
  index === 1 ? 'x'.repeat(300_000).replaceAll(/.{70}/g, '$&\r\n') : 'body';

describe.skipIf(isMissing)('an archive of a Dovecot mailbox', () => {
  let dovecot: Dovecot;
  let original: readonly string[] = [];
  const inbox = (): string => join(dovecot.folder, 'mail');

  beforeEach(async () => {
    dovecot = await startDovecot();
    for (const [index, year] of years.entries())
      dovecot.deliver(`170000000${index}.M${index}.host`, mailText(index, year, body(index)));
    original = maildirDigests(inbox());
    // root delivers, nobody reads.
    if (process.getuid?.() === 0) execFileSync('chmod', ['-R', '777', dovecot.folder]);
  });
  afterEach(() => dovecot.stop());

  async function archive(
    to: string,
    change: { readonly removes?: boolean; readonly dryRun?: boolean; readonly password?: string },
    watch: Partial<ArchiveWatch> = {},
  ): Promise<ArchiveResult> {
    const { password = dovecot.password, removes = false, dryRun = false } = change;
    const source = {
      host: 'localhost',
      port: dovecot.tlsPort,
      tls: 'implicit',
      user: dovecot.user,
      password,
      folder: 'INBOX',
      authorities: [dovecot.certificate.cert],
    } as const;
    return await archiveImap(
      { source, to, before: 2023, removes, dryRun },
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

  const sorted = (digests: readonly string[]): readonly string[] => digests.toSorted();
  const everything = (to: string): readonly string[] =>
    sorted([...maildirDigests(inbox()), ...archivedDigests(to, 'maildir')]);

  test('is looked through, copied, compared and taken away', async () => {
    const to = join(temporaryFolder(), 'archive');
    const dry = await archive(to, { dryRun: true });
    expect(dry.plan).toMatchObject({
      years: [
        { year: 2019, messages: 1 },
        { year: 2020, messages: 2 },
      ],
      stays: 2,
    });
    expect(() => readdirSync(to)).toThrow('ENOENT');
    expect(await archive(to, {})).toMatchObject({ copied: 3, verified: 3, removed: 0 });
    expect(await archive(to, { removes: true })).toMatchObject({ copied: 0, verified: 3, removed: 3 });
    expect(everything(to)).toEqual(sorted(original));
    expect(await archive(to, { removes: true })).toMatchObject({ copied: 0, verified: 0, removed: 0 });
  });

  test('goes on after an interruption, and a copy that was damaged since is made again', async () => {
    const to = join(temporaryFolder(), 'archive');
    const ending = new AbortController();
    const progress: ArchiveWatch['progress'] = (stage, done) => {
      if (stage === 'copy' && done === 2) ending.abort();
    };
    const stopped = archive(to, { removes: true }, { signal: ending.signal, progress });
    await expect(stopped).rejects.toMatchObject({ code: 'archive-interrupted' });
    expect(sorted(maildirDigests(inbox()))).toEqual(sorted(original));
    const [name = ''] = readdirSync(join(to, '2019', 'cur'));
    writeFileSync(join(to, '2019', 'cur', name), 'damaged');
    expect(await archive(to, { removes: true })).toMatchObject({ copied: 2, verified: 3, removed: 3 });
    const there = new Set(everything(to));
    expect(original.filter((digest) => !there.has(digest))).toEqual([]);
  });

  test('a refused login is one line', async () => {
    const to = join(temporaryFolder(), 'archive');
    await expect(archive(to, { password: 'wrong' })).rejects.toMatchObject({ code: 'archive-imap-failed' });
  });
});
