import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Bytes at places; what every reader of a file form asks for, so that a test can hand in a few octets. */
export type StoreFile = {
  readonly size: number;
  /** Fewer octets than asked for at the end of the file, none beyond it. With `into`, they lie in that buffer, and nothing is allocated. */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>;
};

/** Opens a file for reading only, and closes it whatever happens. */
export async function withStoreFile<T>(path: string, use: (file: StoreFile) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r');
  try {
    return await use(await storeFileAt(handle));
  } finally {
    await handle.close();
  }
}

/** An open file, as long as it is now. */
export async function storeFileAt(handle: FileHandle): Promise<StoreFile> {
  const { size } = await handle.stat();
  return {
    size,
    async read(position, length, into) {
      const wanted = Math.max(0, Math.min(length, size - position));
      const buffer = into ?? Buffer.allocUnsafe(wanted);
      const { bytesRead } = await handle.read(buffer, 0, wanted, position);
      return buffer.subarray(0, bytesRead);
    },
  };
}
