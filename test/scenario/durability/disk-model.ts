import { dirname } from 'node:path';
import type { DiskCall } from './system-calls.ts';

type Change = (DiskCall & { call: 'write' }) | (DiskCall & { call: 'truncate' });
type NameChange = DiskCall & { call: 'create' | 'rename' | 'unlink' };

/** A file: what a power cut cannot take any more, and what it may take, tear or leave. */
type File = { durable: Buffer; pending: Change[] };

// A disk writes sectors of this size whole, or leaves garbage.
const sectorOctets = 512;

/**
 * What is on the disk after a power cut, from the calls before it (POSIX, and no more): bytes are safe once their file was
 * synced after they were written, names once their folder was. Of the rest anything may be there: all, nothing, the
 * later without the earlier, some sectors, garbage. Names keep their order, as in the journal of a file system.
 */
export class DiskModel {
  /** By the path in force now. */
  readonly #now = new Map<string, File>();
  /** By the path that is safe. */
  #safe = new Map<string, File>();
  #names: NameChange[] = [];

  apply(call: DiskCall): void {
    switch (call.call) {
      case 'say':
        return;
      case 'write':
      case 'truncate':
        this.#now.get(call.path)?.pending.push(call);
        return;
      case 'sync':
        this.#sync(call.path);
        return;
      case 'create':
      case 'rename':
      case 'unlink':
        this.#rename(call);
    }
  }

  /** The files as found after a cut now, chance deciding what of the unsafe there is. */
  cut(random: () => number): ReadonlyMap<string, Buffer> {
    const files = new Map(this.#safe);
    const kept = Math.floor(random() * (this.#names.length + 1));
    for (const change of this.#names.slice(0, kept)) renamed(files, change, this.#now);
    return new Map([...files].map(([path, file]) => [path, afterCut(file, random)]));
  }

  /** The files when everything unsafe is lost. */
  cutToSynced(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#safe].map(([path, { durable }]) => [path, durable]));
  }

  #sync(path: string): void {
    const file = this.#now.get(path);
    if (file !== undefined) {
      file.durable = changed(file.durable, file.pending);
      file.pending = [];
      return;
    }
    // A folder: all names in it are safe.
    if (this.#names.some((change) => dirname(change.path) === path)) {
      this.#safe = new Map(this.#now);
      this.#names = [];
    }
  }

  #rename(change: NameChange): void {
    if (change.call === 'create' && this.#now.has(change.path)) {
      if (change.empties) this.apply({ call: 'truncate', path: change.path, length: 0 });
      return;
    }
    renamed(this.#now, change, null);
    this.#names.push(change);
  }
}

/** Carries out a change of names; a created file is the one that `known` has, when it has it. */
function renamed(
  files: Map<string, File>,
  change: NameChange,
  known: ReadonlyMap<string, File> | null,
): void {
  const file = files.get(change.path);
  if (change.call === 'create') {
    files.set(change.path, known?.get(change.path) ?? { durable: Buffer.alloc(0), pending: [] });
  } else {
    files.delete(change.path);
    if (change.call === 'rename' && file !== undefined) files.set(change.to, file);
  }
}

function afterCut({ durable, pending }: File, random: () => number): Buffer {
  const kept = pending.filter(() => random() < 0.7);
  return changed(
    durable,
    kept.map((change) => (change.call === 'write' && random() < 0.3 ? torn(change, random) : change)),
  );
}

/** Some sectors of a write are there, the others hold garbage. */
function torn(change: DiskCall & { call: 'write' }, random: () => number): Change {
  const bytes = Buffer.from(change.bytes);
  for (let at = 0; at < bytes.length; at += sectorOctets) {
    if (random() < 0.5) bytes.fill(Math.floor(random() * 256), at, Math.min(at + sectorOctets, bytes.length));
  }
  return { ...change, bytes };
}

function changed(before: Buffer, changes: readonly Change[]): Buffer {
  const length = changes.reduce(
    (longest, change) =>
      Math.max(longest, change.call === 'write' ? change.offset + change.bytes.length : change.length),
    before.length,
  );
  const bytes = Buffer.alloc(length);
  before.copy(bytes);
  let end = before.length;
  for (const change of changes) {
    if (change.call === 'write') {
      change.bytes.copy(bytes, change.offset);
      end = Math.max(end, change.offset + change.bytes.length);
    } else {
      end = change.length;
      bytes.fill(0, end);
    }
  }
  return bytes.subarray(0, end);
}
