import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../base/index.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { openStore } from './open-store.ts';

const worker = join(import.meta.dirname, '../../../test/support/store-process.ts');

/** A second process that has the folder open for work; killed when the test ends. */
async function holder(folder: string): Promise<{ readonly pid: number; readonly kill: () => Promise<void> }> {
  const child = spawn(process.execPath, ['--expose-gc', worker, 'hold', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, kill };
}

test('a second process is told who works in the folder', async () => {
  const folder = temporaryFolder();
  const { pid } = await holder(folder);
  const open = (): unknown => openStore({ folder, clock: systemClock, create: true });
  expect(open).toThrow(
    new RegExp(
      `^another Todoku \\(pid ${pid}, \`hold\`, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\\) works in ${folder}$`,
    ),
  );
  expect(open).toThrow(expect.objectContaining({ code: 'storage-locked', exitCode: 2 }));
  expect(existsSync(join(folder, 'todoku.db'))).toBe(true);
});

test('kill -9 frees the folder at once, though the note of the dead stays', async () => {
  const folder = temporaryFolder();
  const { pid, kill } = await holder(folder);
  await kill();
  expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid });
  const store = openStore({ folder, clock: systemClock, command: 'resume' });
  expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({
    pid: process.pid,
    command: 'resume',
  });
  store.close();
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});

test('reading needs no lock: beside a worker, after its kill -9, and beside nobody', async () => {
  const folder = temporaryFolder();
  const { kill } = await holder(folder);
  const reader = openStore({ folder, clock: systemClock, mode: 'read' });
  onTestFinished(() => reader.close());
  expect(reader.isWorking()).toBe(true);
  expect(reader.reports.ledger().ok).toBe(true);
  await kill();
  expect(existsSync(join(folder, 'todoku.db-wal'))).toBe(true);
  expect(reader.isWorking()).toBe(false);
  const second = openStore({ folder, clock: systemClock, mode: 'read' });
  onTestFinished(() => second.close());
  expect(second.reports.ledger().ok).toBe(true);
});

test('one process does not open a folder twice, and its first lock outlives the attempt', () => {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const first = openStore({ folder, clock, create: true });
  onTestFinished(() => first.close());
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expect(() => openStore({ folder, clock })).toThrow('another Todoku');
    expect(first.isWorking()).toBe(true);
  }
});

test('a note that cannot be read does not hide that the folder is taken', () => {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const first = openStore({ folder, clock, create: true });
  onTestFinished(() => first.close());
  for (const note of ['', '{"pid":', 'null', '{"pid":"x"}']) {
    writeFileSync(join(folder, 'lock'), note);
    expect(() => openStore({ folder, clock })).toThrow(`another Todoku works in ${folder}`);
  }
});
