import { AppError } from '../base/index.ts';

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

type Moment = { readonly option: string; readonly text: string; readonly nowMs: number };

/** The beginning of a span: `7d` (ago), `2026-01-31` (its first moment, here), `2026-01-31T09:30` or any ISO 8601. */
export function parseSince(moment: Moment): number {
  return parseMoment(moment, { sign: -1, day: 0 });
}

/** The end of a span, exclusive: `1h` (ago), `2026-01-31` (with that day), or ISO 8601. */
export function parseUntil(moment: Moment): number {
  return parseMoment(moment, { sign: -1, day: 1 });
}

/** An end that lies ahead: `30d` (from now), `2026-01-31` (with that day), or ISO 8601. */
export function parseDeadline(moment: Moment): number {
  return parseMoment(moment, { sign: 1, day: 1 });
}

function parseMoment(moment: Moment, meaning: { readonly sign: 1 | -1; readonly day: 0 | 1 }): number {
  const { text, nowMs } = moment;
  const span = /^(\d{1,5})([mhdw])$/.exec(text);
  if (span !== null) {
    const [, count, unit] = span;
    const length = unit === 'm' || unit === 'h' || unit === 'd' || unit === 'w' ? unitMs[unit] : 0;
    return nowMs + meaning.sign * Number(count) * length;
  }
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (date !== null) {
    const [year, month, day] = date.slice(1).map(Number);
    const asked = new Date(year ?? 0, (month ?? 1) - 1, day ?? 1);
    // The 31st of a month of 30 days would be a day of the next one.
    if (asked.getMonth() !== (month ?? 1) - 1) throw notATime(moment);
    return new Date(year ?? 0, (month ?? 1) - 1, (day ?? 1) + meaning.day).getTime();
  }
  const ms = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw notATime(moment);
  return ms;
}

function notATime({ option, text }: Moment): AppError {
  const shown = text.slice(0, 40).replaceAll(/\p{Cc}/gu, ' ');
  return new AppError({
    code: 'usage-not-a-time',
    message: {
      ja: `--${option} の「${shown}」は日時として読めません`,
      en: `--${option}: “${shown}” is not a time`,
    },
    hint: {
      ja: '2026-01-31、2026-01-31T09:30、7d（日）、12h（時間）のように書いてください',
      en: 'write it as 2026-01-31, 2026-01-31T09:30, 7d (days) or 12h (hours)',
    },
  });
}
