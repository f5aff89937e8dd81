import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dbxFile, emlxFile, mboxOf, pstFile } from '../support/mail-stores.ts';
import { brokenWorlds, file, look, maildir } from './store-worlds.ts';
import type { MakeStore } from './store-worlds.ts';
import { faultsOf } from './world.ts';

test.each(brokenWorlds)('$id: $what', async ({ id, look: found }) => {
  expect(faultsOf(await found())).toEqual([id]);
});

const mails = mboxOf([{ year: 2023 }, { year: 2024, body: 'From here on it is prose, 10:00 2024 o’clock' }]);

describe('a healthy world', () => {
  const healthy: readonly (readonly [string, MakeStore])[] = [
    ['Outlook Express', file('in.dbx', dbxFile())],
    ['Outlook Express, an empty folder', file('in.dbx', dbxFile(0))],
    ['PST', file('a.pst', pstFile())],
    ['OST', file('a.ost', pstFile({ isOst: true, leaves: 12 }))],
    ['mbox', file('Inbox', mails)],
    ['mbox with CRLF', file('Inbox', mails.replaceAll('\n', '\r\n'))],
    ['mbox, emptied', file('in.mbox', '')],
    ['Maildir', maildir((path) => writeFileSync(join(path, 'tmp/now'), ''))],
    ['emlx', file('1.emlx', emlxFile())],
    [
      'Thunderbird',
      (folder) => {
        const path = file('Inbox', mails)(folder);
        utimesSync(path, 1_700_000_000, 1_700_000_000);
        file('Inbox.msf', '//')(folder);
        return path;
      },
    ],
  ];
  test.each(healthy)('%s', async (_name, make) => {
    const found = await look(make);
    expect(found.map(({ id }) => id)).toEqual(['store.good']);
  });
});

test('every store below a folder is found by its content, and its messages counted', async () => {
  const found = await look((folder) => {
    file('Sent', mails)(folder);
    file('in.dbx', dbxFile(7))(folder);
    file('notes.txt', 'no mail')(folder);
    maildir((path) => void file('new/1700000000.z', 'Subject: z\n\n')(path))(folder);
    return folder;
  });
  expect(found.map(({ id, evidence }) => [id, /(\d+) messages/.exec(evidence)?.[1]])).toEqual([
    ['store.good', '2'],
    ['store.good', '7'],
    ['store.good', '3'],
  ]);
});

test('says where an mbox is damaged', async () => {
  const [found] = await look(file('Inbox', mails.replace('body', 'bo\0dy')));
  expect(found?.evidence).toBe(`byte ${mails.indexOf('body') + 2}: NUL octets`);
});
