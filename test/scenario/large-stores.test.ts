import { execFile } from 'node:child_process';
import { closeSync, openSync, mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { mboxMail } from '../support/mail-stores.ts';
import type { MeasuredStores } from '../support/measure-stores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = fileURLToPath(new URL('../support/measure-stores.ts', import.meta.url));

// At full size it is 3 GB and 1,000,000 files, which take minutes to make; a twentieth shows the same bound.
const isFullSize = process.env['TODOKU_LONG_TESTS'] === '1';
const share = isFullSize ? 1 : 1 / 20;
const mboxOctets = 3_000_000_000 * share;
const maildirMessages = 1_000_000 * share;
const mostPeakBytes = 150_000_000;

async function measure(path: string): Promise<MeasuredStores> {
  // With V8's usual young generation 3 GB took 145 to 155 MB, of which 118 MB are the loaded program: it is only slower to collect.
  const heap = ['--max-semi-space-size=4'];
  const { stdout } = await promisify(execFile)(process.execPath, [...heap, script, path]);
  return JSON.parse(stdout) as MeasuredStores;
}

test(
  'a large mbox is examined in bounded memory',
  { timeout: isFullSize ? 1_800_000 : 240_000 },
  async () => {
    const path = join(temporaryFolder(), 'Inbox');
    const body = `${'The quick brown fox jumps over the lazy dog, 0123456789.\n'.repeat(170)}>From here on`;
    // A block of a hundred, again and again: making it is not what is measured.
    const block = Array.from({ length: 100 }, (_, index) => mboxMail(index, { year: 2020, body })).join('');
    const file = openSync(path, 'w');
    let octets = 0;
    let messages = 0;
    for (; octets < mboxOctets; messages += 100) octets += writeSync(file, block);
    closeSync(file);
    const measured = await measure(path);
    expect(measured.found.map(({ id }) => id)).toEqual(['store.good']);
    expect(measured.found[0]?.evidence).toContain(`${messages.toLocaleString('en-US')} messages`);
    expect(measured.peakRssBytes).toBeLessThan(mostPeakBytes);
    console.log(
      `mbox: ${octets} bytes in ${measured.seconds.toFixed(1)} s, peak ${measured.peakRssBytes / 1e6} MB`,
    );
  },
);

test(
  'a large Maildir is examined in bounded memory',
  { timeout: isFullSize ? 3_600_000 : 240_000 },
  async () => {
    const path = join(temporaryFolder(), 'Maildir');
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part), { recursive: true });
    for (let index = 0; index < maildirMessages; index += 1)
      writeFileSync(join(path, 'cur', `1700000000.M${index}P1234.mail.example.jp,S=3:2,S`), 'x\n\n');
    const measured = await measure(path);
    const ids = measured.found.map(({ id }) => id);
    // 50,000 are as many as a folder should have.
    expect(ids).toEqual([isFullSize ? 'store.many-messages' : 'store.good']);
    expect(measured.found[0]?.evidence).toContain(`${maildirMessages.toLocaleString('en-US')} messages`);
    expect(measured.peakRssBytes).toBeLessThan(mostPeakBytes);
    console.log(
      `Maildir: ${maildirMessages} in ${measured.seconds.toFixed(1)} s, peak ${measured.peakRssBytes / 1e6} MB`,
    );
  },
);
