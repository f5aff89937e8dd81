import { AppError } from '../base/index.ts';
import { isTimezone, parseSendingWindow } from '../delivery/index.ts';
import type { OptionDescription } from './command.ts';
import type { CommandInput } from './command-input.ts';
import type { SendRequest } from './ports.ts';

const streams = ['bulk', 'transactional'] as const;

/** Options that say when the mails of a campaign may go. */
export const sendingOptions: readonly OptionDescription[] = [
  {
    flags: '--stream <stream>',
    choices: streams,
    doc: {
      ja: 'bulk（一斉メール。省略時）か transactional（本人が待つメール。先に送り、時間帯によらず送る）',
      en: 'bulk (default), or transactional: somebody waits for it, so it overtakes and goes at any hour',
    },
  },
  {
    flags: '--window <hours>',
    doc: {
      ja: '送ってよい時間帯（宛先の時刻。例: 09:00-20:00）。外では次の開始まで待つ',
      en: 'hours in which it may be sent, by the clock of the recipient, e.g. 09:00-20:00',
    },
  },
  {
    flags: '--timezone <name>',
    doc: {
      ja: 'CSV の timezone 列が空の宛先のタイムゾーン（例: Asia/Tokyo）',
      en: 'time zone of recipients whose column timezone is empty or missing, e.g. Asia/Tokyo',
    },
  },
];

/** Reads those options; throws AppError for what cannot be meant. */
export function sendingFrom(input: CommandInput): Pick<SendRequest, 'stream' | 'window' | 'timezone'> {
  const stream = input.option('stream') === 'transactional' ? 'transactional' : 'bulk';
  const window = input.option('window')?.trim() ?? null;
  if (window !== null && parseSendingWindow(window) === null) throw notAWindow(window);
  const timezone = input.option('timezone')?.trim() ?? null;
  if (timezone !== null && !isTimezone(timezone)) throw notATimezone(timezone);
  if (stream === 'transactional' && window !== null) throw windowOfTransactional();
  return { stream, window, timezone };
}

// Enough of a value to know it again.
const mostShownCharacters = 40;

function shown(text: string): string {
  return text.slice(0, mostShownCharacters).replaceAll(/\p{Cc}/gu, ' ');
}

function notAWindow(text: string): AppError {
  return new AppError({
    code: 'usage-window',
    message: {
      ja: `--window の「${shown(text)}」は時間帯として読めません`,
      en: `--window: “${shown(text)}” is no window of hours`,
    },
    hint: {
      ja: '09:00-20:00 のように書いてください（22:00-06:00 のように夜をまたいでもかまいません）',
      en: 'write it as 09:00-20:00; it may go over midnight, as 22:00-06:00',
    },
  });
}

function notATimezone(text: string): AppError {
  return new AppError({
    code: 'usage-timezone',
    message: {
      ja: `--timezone の「${shown(text)}」というタイムゾーンはありません`,
      en: `--timezone: there is no time zone “${shown(text)}”`,
    },
    hint: {
      ja: 'Asia/Tokyo、Europe/Berlin、+09:00 のように書いてください',
      en: 'write a name of the IANA database such as Asia/Tokyo, or an offset such as +09:00',
    },
  });
}

/** Somebody who says both has one of the two wrong, and a password reset that waits until morning is the worse mistake. */
function windowOfTransactional(): AppError {
  return new AppError({
    code: 'usage-window-of-transactional',
    message: {
      ja: 'transactional のメールは時間帯によらず送るため、--window は指定できません',
      en: 'transactional mail goes at any hour: --window cannot be given with it',
    },
    hint: {
      ja: '--window を消すか、--stream bulk にしてください',
      en: 'leave --window out, or send it as --stream bulk',
    },
  });
}
