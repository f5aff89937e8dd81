import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * Whether this process may mount file systems, which the tests of full and read-only disks need. At a desk without
 * root: a loud line and false, for `describe.skipIf`. With CI set it throws, so that they never go untested.
 */
export function mayMount(): boolean {
  if (process.platform === 'linux' && process.getuid?.() === 0) return true;
  const text = 'full and read-only disks are tested on tmpfs mounts, which needs root on Linux';
  if (process.env['CI']) throw new Error(text);
  console.warn(`SKIPPED, ${text}`);
  return false;
}

export type SmallDisk = {
  readonly folder: string;
  /** Mounts it again with other options: `size=2m`, `ro`. */
  remount(options: string): void;
};

/** A tmpfs of its own, unmounted when the test ends. */
export function smallDisk(options: string): SmallDisk {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'todoku-test', folder]);
  // Lazily: also when a failed test left a file open. Registered after the removal of the folder, so it runs before.
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return {
    folder,
    remount: (changed) => void execFileSync('mount', ['-o', `remount,${changed}`, folder]),
  };
}

/** Writes a file until nothing fits any more; answers its path, for making room again. */
export function fillDisk(folder: string): string {
  const file = join(folder, 'ballast');
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
  return file;
}
