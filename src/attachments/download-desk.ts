import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/index.ts';
import { createOpenStreams } from './open-streams.ts';
import { isPassword, longestPasswordChars } from './password.ts';
import type { Download, DownloadStore, FileStore } from './ports.ts';

export type DownloadParts = {
  readonly downloads: DownloadStore;
  readonly files: FileStore;
  /** Seals what a password opens; the same for the life of the data folder. */
  readonly secret: Buffer;
  readonly clock: Clock;
};

/** What a link leads to. `absent`: nothing, or nothing any more. */
export type Looked =
  | { readonly kind: 'absent' | 'expired' | 'spent' }
  /** A password is needed. */
  | { readonly kind: 'locked'; readonly download: Download }
  | { readonly kind: 'ready'; readonly download: Download };

export type Unlocked =
  | { readonly kind: 'open'; readonly pass: string }
  | { readonly kind: 'absent' | 'wrong' }
  /** Too many tries. */
  | { readonly kind: 'slow-down'; readonly waitSeconds: number };

export interface DownloadDesk {
  /** `pass`: what `unlock` gave. */
  look(secret: string, pass: string | null): Looked;
  unlock(secret: string, password: string): Promise<Unlocked>;
  /**
   * Octets `start` to `end`, both included, counted as sent. `spent`: that would be more than allowed. `absent`: somebody has removed
   * the file. `busy`: too many are downloading; nothing was counted.
   */
  take(
    download: Download,
    range: { readonly start: number; readonly end: number },
  ): Promise<ReadableStream<Uint8Array> | 'busy' | 'spent' | 'absent'>;
}

// 16 octets in base64url.
const secretForm = /^[A-Za-z0-9_-]{22}$/;
// Long enough for a large file over a slow line that is begun again.
const passLifetimeMs = 60 * 60 * 1000;
// A person mistypes a few times; a machine gets 240 guesses a day at a link.
const mostTries = 10;
const tryWindowMs = 60 * 60 * 1000;
// Each computation takes 32 MB (password.ts).
const mostAtOnce = 4;
// More links under attack at a time are not remembered; the oldest is forgotten first.
const mostWatched = 10_000;

const leastOctets = 65_536;

export function createDownloadDesk(parts: DownloadParts): DownloadDesk {
  const { downloads, files, clock } = parts;
  const tries = createTries(clock);
  const streams = createOpenStreams(clock);
  let atWork = 0;
  const find = (secret: string): Download | null =>
    secretForm.test(secret) ? downloads.find(createHash('sha256').update(secret).digest()) : null;
  const seal = (download: Download, untilMs: number): Buffer =>
    createHmac('sha256', parts.secret)
      .update('download-pass')
      .update(download.digest)
      .update(String(untilMs))
      .digest();
  const isPass = (download: Download, pass: string): boolean => {
    const [until = '', mac = ''] = pass.split('.');
    const given = Buffer.from(mac, 'base64url');
    const untilMs = Number.parseInt(until, 36);
    const wanted = seal(download, untilMs);
    return given.length === wanted.length && timingSafeEqual(given, wanted) && untilMs > clock.now();
  };
  return {
    look(secret, pass) {
      const download = find(secret);
      if (download === null) return { kind: 'absent' };
      if (clock.now() >= download.expiresMs) return { kind: 'expired' };
      if (download.sentOctets >= download.allowedOctets) return { kind: 'spent' };
      const open = download.password === null || (pass !== null && isPass(download, pass));
      return open ? { kind: 'ready', download } : { kind: 'locked', download };
    },
    async unlock(secret, password) {
      const download = find(secret);
      if (download === null || download.password === null || clock.now() >= download.expiresMs)
        return { kind: 'absent' };
      const key = download.digest.toString('hex');
      const waitMs = tries.waitMs(key);
      if (waitMs > 0) return { kind: 'slow-down', waitSeconds: Math.ceil(waitMs / 1000) };
      if (atWork >= mostAtOnce) return { kind: 'slow-down', waitSeconds: 1 };
      // Counted before it is computed, so that tries at the same time count too.
      tries.add(key);
      if (password.length > longestPasswordChars) return { kind: 'wrong' };
      atWork += 1;
      try {
        if (!(await isPassword(password, download.password))) return { kind: 'wrong' };
      } finally {
        atWork -= 1;
      }
      tries.forget(key);
      const untilMs = clock.now() + passLifetimeMs;
      return {
        kind: 'open',
        pass: `${untilMs.toString(36)}.${seal(download, untilMs).toString('base64url')}`,
      };
    },
    async take(download, { start, end }) {
      const octets = end - start + 1;
      if (streams.isFull()) return 'busy';
      // Each count is written to the disk: a range of one octet costs as much as a small file.
      const cost = Math.max(octets, Math.min(leastOctets, download.octets), 1);
      if (!downloads.count(download.digest, cost)) return 'spent';
      if (octets <= 0) return new ReadableStream({ start: (controller) => controller.close() });
      const file = await files.open(download.content, { start, end });
      return file === null ? 'absent' : streams.watch(file);
    },
  };
}

type Tries = {
  /** 0: another one is allowed. */
  waitMs(key: string): number;
  add(key: string): void;
  forget(key: string): void;
};

function createTries(clock: Clock): Tries {
  const watched = new Map<string, { count: number; readonly sinceMs: number }>();
  const current = (key: string): { count: number; readonly sinceMs: number } | null => {
    const known = watched.get(key);
    if (known === undefined) return null;
    if (clock.monotonic() - known.sinceMs < tryWindowMs) return known;
    watched.delete(key);
    return null;
  };
  return {
    waitMs(key) {
      const known = current(key);
      if (known === null || known.count < mostTries) return 0;
      return known.sinceMs + tryWindowMs - clock.monotonic();
    },
    add(key) {
      const known = current(key);
      if (known !== null) {
        known.count += 1;
        return;
      }
      const [oldest] = watched.keys();
      if (watched.size >= mostWatched && oldest !== undefined) watched.delete(oldest);
      watched.set(key, { count: 1, sinceMs: clock.monotonic() });
    },
    forget: (key) => void watched.delete(key),
  };
}
