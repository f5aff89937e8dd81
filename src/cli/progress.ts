import type { Clock, Timer } from '../base/index.ts';
import { cutToWidth } from './display-width.ts';
import type { OutputStream } from './output.ts';
import { plainText } from './plain-text.ts';

/** Shows how far a long work is: live lines on a terminal, else a plain line now and then. */
export interface Progress {
  /** The state to show. The function is called only when something is drawn. */
  update(lines: () => readonly string[]): void;
  /** A line that stays, above the live ones. */
  note(line: string): void;
  /** Draws the last state, which stays, and stops. */
  finish(): void;
}

export type ProgressOptions = {
  readonly stream: OutputStream;
  readonly clock: Clock;
  /** How often a plain line is written when the stream is no terminal; null: never. */
  readonly plainEveryMs: number | null;
};

// Ten pictures a second look alive and cost nothing.
const redrawEveryMs = 100;

// What terminals without a size are taken to have (VT100).
const standardColumns = 80;
const standardRows = 24;

export function createProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY === true ? liveProgress(options) : plainProgress(options);
}

function liveProgress({ stream, clock }: ProgressOptions): Progress {
  let drawn = 0;
  let drawnAtMs = -Infinity;
  let latest: (() => readonly string[]) | null = null;
  let timer: Timer | null = null;

  // ECMA-48: CPL (cursor to the start of the line n above), ED (erase to the end of the screen).
  const clearing = (): string => (drawn === 0 ? '' : `\u001b[${drawn}F\u001b[J`);

  const draw = (): void => {
    timer?.cancel();
    timer = null;
    const columns = stream.columns ?? standardColumns;
    const rows = (stream.rows ?? standardRows) - 1; // more could not be reached again to replace them
    const lines = (latest?.() ?? []).slice(0, rows).map((line) => cutToWidth(line, columns - 1));
    stream.write(clearing() + lines.map((line) => `${line}\n`).join(''));
    drawn = lines.length;
    drawnAtMs = clock.monotonic();
  };

  return {
    update(lines) {
      latest = lines;
      const waitMs = drawnAtMs + redrawEveryMs - clock.monotonic();
      if (waitMs <= 0) draw();
      else timer ??= clock.after(waitMs, draw);
    },
    note(line) {
      stream.write(`${clearing()}${plainText(line)}\n`);
      drawn = 0;
      if (latest !== null) draw();
    },
    finish() {
      if (latest !== null) draw();
      drawn = 0;
      latest = null;
    },
  };
}

function plainProgress({ stream, clock, plainEveryMs }: ProgressOptions): Progress {
  let writtenAtMs = clock.monotonic();
  let latest: (() => readonly string[]) | null = null;
  const write = (): void => {
    stream.write((latest?.() ?? []).map((line) => `${line}\n`).join(''));
    latest = null;
    writtenAtMs = clock.monotonic();
  };
  return {
    update(lines) {
      latest = lines;
      if (plainEveryMs !== null && clock.monotonic() - writtenAtMs >= plainEveryMs) write();
    },
    note: (line) => void stream.write(`${plainText(line)}\n`),
    finish() {
      if (plainEveryMs !== null && latest !== null) write();
    },
  };
}

/** `[#####.....]`; block characters have no agreed width in Japanese terminals (UAX #11 class A). */
export function barText(fraction: number, columns: number): string {
  const inner = Math.max(1, columns - 2);
  const share = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  const full = Math.floor(inner * share);
  return `[${'#'.repeat(full)}${'.'.repeat(inner - full)}]`;
}
