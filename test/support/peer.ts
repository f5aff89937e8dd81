import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * true when a real peer is there: a command on PATH, or a file by its absolute path. Otherwise, at a desk, a loud
 * line and false, for `describe.skipIf`; with CI set it throws, so that a missing peer never passes for a green run.
 * `scripts/install-peers.sh` installs what `scripts/peers.txt` lists.
 */
export function requirePeer(commandOrFile: string): boolean {
  if (isThere(commandOrFile)) return true;
  const text = `peer not found: ${commandOrFile} (sh scripts/install-peers.sh installs it)`;
  if (process.env['CI']) throw new Error(text);
  console.warn(`SKIPPED, ${text}`);
  return false;
}

function isThere(commandOrFile: string): boolean {
  if (commandOrFile.startsWith('/')) return allows(commandOrFile, constants.R_OK);
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  // Debian keeps daemons where an ordinary user's PATH does not reach.
  return [...folders, '/usr/sbin', '/sbin'].some((folder) =>
    allows(join(folder, commandOrFile), constants.X_OK),
  );
}

function allows(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    // Not there or not allowed: for a peer both mean that it cannot be used.
    return false;
  }
}
