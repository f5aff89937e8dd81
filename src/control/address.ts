import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export type ControlAddress = {
  readonly path: string;
  /** After the socket is closed. */
  release(): void;
};

// unix(7): sun_path has 108 bytes with the final NUL; macOS has 104.
const longestBytes = 103;

/**
 * The address of the folder's socket. A longer one is reached through a descriptor of the folder, as Linux shows it;
 * null where the system has no such thing.
 */
export function controlAddress(folder: string): ControlAddress | null {
  const path = join(folder, 'control.sock');
  if (Buffer.byteLength(path) <= longestBytes) return { path, release: () => undefined };
  if (process.platform !== 'linux') return null;
  const descriptor = openSync(folder, 'r');
  return {
    path: `/proc/self/fd/${descriptor}/control.sock`,
    release: () => closeSync(descriptor),
  };
}
