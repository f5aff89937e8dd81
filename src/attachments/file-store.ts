import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FileStore } from './ports.ts';

const contentName = /^[0-9a-f]{64}$/;

/**
 * Contents as files named by their SHA-256, in folders by its first two digits. Nothing of what strangers name reaches the file
 * system; files are for the process alone and never executable.
 */
export function createFileStore(folder: string): FileStore {
  const placeOf = (content: string): string => {
    if (!contentName.test(content)) throw new TypeError(`not a SHA-256: ${JSON.stringify(content)}`);
    return join(folder, content.slice(0, 2), content);
  };
  let drafts = 0;
  return {
    async put(bytes) {
      const content = createHash('sha256').update(bytes).digest('hex');
      const place = placeOf(content);
      // Half a file under its final name cannot be: it gets that name when it is on the disk.
      if (await isThere(place, bytes.length)) return content;
      const parent = join(folder, content.slice(0, 2));
      await mkdir(parent, { recursive: true, mode: 0o700 });
      drafts += 1;
      const draft = `${place}.${drafts}.draft`;
      try {
        await writeDurably(draft, bytes);
        await rename(draft, place);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      await syncFolder(parent);
      await syncFolder(folder);
      return content;
    },
    async open(content, { start, end }) {
      const handle = await open(placeOf(content), 'r').catch((error: unknown) => missing(error));
      if (handle === null) return null;
      return Readable.toWeb(handle.createReadStream({ start, end }));
    },
    async remove(content) {
      await rm(placeOf(content), { force: true });
    },
    async list() {
      const folders = await readdir(folder).catch((error: unknown) => missing(error) ?? []);
      const names = await Promise.all(folders.map(async (each) => await readdir(join(folder, each))));
      // A draft that a crash left behind is nobody's.
      const drafted = names.flat().filter((name) => name.endsWith('.draft'));
      await Promise.all(
        drafted.map(async (name) => await rm(join(folder, name.slice(0, 2), name), { force: true })),
      );
      return names.flat().filter((name) => contentName.test(name));
    },
  };
}

function missing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

async function isThere(place: string, octets: number): Promise<boolean> {
  const found = await stat(place).catch((error: unknown) => missing(error));
  return found !== null && found.size === octets;
}

async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a new name survive a power cut (fsync(2)). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
