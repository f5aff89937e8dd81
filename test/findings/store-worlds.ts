import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFindings, loadFindingTexts } from '../../src/findings/index.ts';
import type { Finding } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import { examineStores, loadStoreLimits } from '../../src/mailbox/index.ts';
import type { StoreCheckParts } from '../../src/mailbox/index.ts';
import { dbxFile, emlxFile, makeMaildir, mboxOf, pstFile } from '../support/mail-stores.ts';
import type { BrokenWorld } from './world.ts';

const finding = createFindings(loadFindingTexts(defaultKnowledgeFolder()));
const limits = loadStoreLimits(defaultKnowledgeFolder());
const now = Date.parse('2026-04-01T00:00:00Z');

/** Makes a store in a folder of its own and says where it is. */
export type MakeStore = (folder: string) => string;

export async function look(
  make: MakeStore,
  parts: Partial<StoreCheckParts> = {},
): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-store-'));
  const freeBytes = (): Promise<number> => Promise.resolve(1e12);
  try {
    return await examineStores(make(folder), { finding, limits, nowMs: now, freeBytes, ...parts });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One file; `size`: it is stretched with octets that take no room. */
export const file =
  (name: string, content: string | Uint8Array, size?: number): MakeStore =>
  (folder) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    if (size !== undefined) truncateSync(path, size);
    return path;
  };

export const maildir =
  (change: (folder: string) => void): MakeStore =>
  (folder) => {
    const path = join(folder, 'Maildir');
    makeMaildir(path, [2024, 2025]);
    change(path);
    return path;
  };

const world = (
  id: string,
  what: string,
  make: MakeStore,
  parts: Partial<StoreCheckParts> = {},
): BrokenWorld => ({
  id: `store.${id}`,
  what,
  look: async () => await look(make, parts),
});

const mails = mboxOf([{ year: 2023 }, { year: 2024 }]);
const changed = (bytes: Buffer, change: (bytes: Buffer) => void): Buffer => {
  change(bytes);
  return bytes;
};
const age = (path: string, at: number): void => utimesSync(path, at / 1_000, at / 1_000);
const few = { ...limits, maildir: { ...limits.maildir, mostMessages: 1 } };
const small = { ...limits, mbox: { ...limits.mbox, nearBytes: 100 } };

export const brokenWorlds: readonly BrokenWorld[] = [
  world('none', 'a folder without mail', file('notes.txt', 'hello')),
  world('none', 'an empty folder', (folder) => folder),
  world('unreadable', 'no such place', (folder) => join(folder, 'gone.mbox')),
  world('unreadable', 'a link that leads nowhere', (folder) => {
    symlinkSync(join(folder, 'gone'), join(folder, 'link'));
    return join(folder, 'link');
  }),
  world('unreadable', 'a pipe, which nobody writes into', (folder) => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    return join(folder, 'pipe');
  }),
  world('search-ended', 'folders deeper than any profile', (folder) => {
    mkdirSync(join(folder, 'a/'.repeat(20)), { recursive: true });
    writeFileSync(join(folder, 'Inbox'), mails);
    return folder;
  }),
  world('near-limit', 'dbx of 1.95 GB', file('in.dbx', dbxFile(), 1_950_000_000)),
  world('over-limit', 'dbx of 2 GB', file('in.dbx', dbxFile(), 2_147_483_648)),
  world('near-limit', 'PST of 48 GB', file('a.pst', pstFile(), 52_000_000_000)),
  world('over-limit', 'OST of 50 GB', file('a.ost', pstFile({ isOst: true }), 53_687_091_200)),
  world('near-limit', 'a large mbox', file('Inbox', mails), { limits: small }),
  world(
    'many-messages',
    'a Maildir',
    maildir(() => undefined),
    { limits: few },
  ),
  world('dbx-damaged', 'noise under the name', file('in.dbx', 'no dbx at all')),
  world(
    'dbx-damaged',
    'an unknown kind',
    file(
      'in.dbx',
      changed(dbxFile(), (b) => void b.fill(9, 4, 8)),
    ),
  ),
  world('dbx-damaged', 'cut off', file('in.dbx', dbxFile().subarray(0, 9_000))),
  world(
    'dbx-damaged',
    'shorter than it says',
    file(
      'in.dbx',
      changed(dbxFile(), (b) => void b.writeUInt32LE(1e9, 0x7c)),
    ),
  ),
  world(
    'dbx-damaged',
    'root of the index',
    file(
      'in.dbx',
      changed(dbxFile(), (b) => void b.writeUInt32LE(1, 0x24bc)),
    ),
  ),
  world(
    'pst-damaged',
    'one bit in the header',
    file(
      'a.pst',
      changed(pstFile(), (b) => void b.writeUInt8(1, 60)),
    ),
  ),
  world('pst-damaged', 'an empty file', file('a.pst', '')),
  world(
    'pst-damaged',
    'a version nobody knows',
    file(
      'a.pst',
      changed(pstFile(), (b) => void b.writeUInt16LE(99, 10)),
    ),
  ),
  world('pst-damaged', 'cut off', file('a.pst', pstFile().subarray(0, 2_000))),
  world(
    'pst-damaged',
    'one octet in the root of nodes',
    file(
      'a.pst',
      changed(pstFile(), (b) => void b.writeUInt8(1, 1_100)),
    ),
  ),
  world(
    'pst-damaged',
    'one octet in a leaf of blocks',
    file(
      'a.pst',
      changed(pstFile(), (b) => void b.writeUInt8(1, 1_024 + 512 * 4 + 7)),
    ),
  ),
  world('pst-left-open', 'Outlook ended badly', file('a.pst', pstFile({ isLeftOpen: true }))),
  world('pst-ansi', 'Outlook 2002', file('a.pst', pstFile({ form: 'ansi' }))),
  world('mbox-damaged', 'octets before the first message', file('in.mbox', `rubbish\n\n${mails}`)),
  world(
    'mbox-damaged',
    'a message that lost its end',
    file('Inbox', mails.replace('body\n\nFrom', 'boFrom').replace('boFrom', 'bo\nFrom')),
  ),
  world('mbox-damaged', 'NUL octets', file('Inbox', mails.replace('body', 'bo\0\0\0dy'))),
  world('mbox-damaged', 'no header', file('Inbox', mails.replace('Message-ID: <1@', '<1@'))),
  world('mbox-cut', 'ends within a line', file('Inbox', mails.slice(0, -4))),
  world(
    'not-compacted',
    'deleted mail',
    file('Inbox', mboxOf([{ year: 2024 }, { year: 2024, status: '0009', body: 'x'.repeat(21_000_000) }])),
  ),
  world('index-older', 'msf of last year', (folder) => {
    const path = file('Inbox', mails)(folder);
    age(file('Inbox.msf', '// <!-- <mdb:mork:z v="1.4"/> -->')(folder), now - 1e9);
    return path;
  }),
  world('old-lock', 'a lock of yesterday', (folder) => {
    const path = file('Inbox', mails)(folder);
    age(file('Inbox.lock', '')(folder), now - 86_400_000);
    return path;
  }),
  world(
    'maildir-incomplete',
    'no tmp',
    maildir((path) => rmSync(join(path, 'tmp'), { recursive: true })),
  ),
  world(
    'maildir-forgotten',
    'a delivery of last week',
    maildir((path) => age(file('tmp/1700000000.x', 'half')(path), now - 7 * 86_400_000)),
  ),
  world(
    'maildir-unnamed',
    'put there by hand',
    maildir((path) => void file('cur/mail.eml', 'Subject: x\n\n')(path)),
  ),
  world(
    'empty-messages',
    'no octets',
    maildir((path) => void file('new/1700000000.y', '')(path)),
  ),
  world('emlx-damaged', 'cut off', file('1.emlx', emlxFile().slice(0, 20))),
  world('emlx-damaged', 'no length', file('1.emlx', 'Subject: x\n\n')),
  world('emlx-damaged', 'no list behind it', file('1.emlx', '5\nhello')),
  world('emlx-partial', 'attachments elsewhere', file('1.partial.emlx', emlxFile())),
  world('disk-nearly-full', 'half a gigabyte', file('Inbox', mails), {
    freeBytes: () => Promise.resolve(5e8),
  }),
];
