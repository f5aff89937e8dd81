import { AppError } from '../base/index.ts';
import type { OptionDescription } from './command.ts';

export const sinceOption: OptionDescription = {
  flags: '--since <time>',
  doc: {
    ja: 'これより後のものだけ（30d、12h、または 2026-11-01）',
    en: 'only what came after: 30d, 12h or 2026-11-01',
  },
};

const hourMs = 3_600_000;

/** `30d`, `12h`, or a date of ISO 8601 → milliseconds since 1970; null when it was not given. */
export function sinceMs(text: string | undefined, nowMs: number): number | null {
  if (text === undefined) return null;
  const ago = /^(\d{1,5})([dh])$/.exec(text);
  if (ago !== null) return nowMs - Number(ago[1]) * (ago[2] === 'd' ? 24 * hourMs : hourMs);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new AppError({
    code: 'usage-not-a-time',
    message: { ja: `--since の値 ${text} を時刻として読めません`, en: `--since ${text} is not a time` },
    hint: { ja: '30d、12h、2026-11-01 のように書いてください', en: 'write 30d, 12h or 2026-11-01' },
  });
}
