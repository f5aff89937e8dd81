/** Hours of the day in which mail may be sent, in minutes after midnight; `opens` > `closes`: over midnight. */
export type SendingWindow = { readonly opens: number; readonly closes: number };

/** A window in the place where it holds. `timezone`: a name of the IANA database, or an offset such as `+09:00`. */
export type LocalWindow = SendingWindow & { readonly timezone: string };

/** Whether a window is open, and until when that stays so, milliseconds since the epoch. */
export type WindowState = { readonly isOpen: boolean; readonly untilMs: number };

const minuteMs = 60_000;
const dayMinutes = 1_440;

/** Reads `09:00-20:00`, also over midnight (`22:00-06:00`); null for anything else, and for a window of no length. */
export function parseSendingWindow(text: string): SendingWindow | null {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text.trim());
  if (match === null) return null;
  const [opens, closes] = [minutesOf(match[1], match[2]), minutesOf(match[3], match[4])];
  if (opens === null || closes === null || opens === dayMinutes || opens % dayMinutes === closes % dayMinutes)
    return null;
  return { opens, closes };
}

/** `09:00-20:00`. */
export function sendingWindowText({ opens, closes }: SendingWindow): string {
  return `${timeText(opens)}-${timeText(closes)}`;
}

/** The hours outside a window. */
export function outsideOf({ opens, closes }: SendingWindow): SendingWindow {
  return { opens: closes % dayMinutes, closes: opens };
}

/** true for a time zone that this machine knows. */
export function isTimezone(name: string): boolean {
  // Longer than any name of the IANA database.
  if (name.length > 64) return false;
  try {
    clockOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * Whether the window is open at a time, by the clock on the wall there, and when that changes. A summer time that begins
 * or ends in between is in it: hours that do not exist that day are skipped, hours that come twice count twice.
 */
export function windowState(window: LocalWindow, nowMs: number): WindowState {
  const startMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const isOpen = isOpenAt(window, startMs);
  // By the clock on the wall; a clock that is set meanwhile makes it too early or too late.
  let atMs = startMs;
  do atMs += minutesUntil(window, { isOpen, minute: minuteOfDay(window.timezone, atMs) }) * minuteMs;
  while (isOpenAt(window, atMs) === isOpen);
  return { isOpen, untilMs: firstChange(window, { fromMs: startMs, toMs: atMs }) };
}

/** The first minute of a stretch in which the state is that of its end, not of its beginning. */
function firstChange(
  window: LocalWindow,
  stretch: { readonly fromMs: number; readonly toMs: number },
): number {
  const isOpen = isOpenAt(window, stretch.fromMs);
  let { fromMs, toMs } = stretch;
  while (toMs - fromMs > minuteMs) {
    const middleMs = fromMs + Math.floor((toMs - fromMs) / 2 / minuteMs) * minuteMs;
    if (isOpenAt(window, middleMs) === isOpen) fromMs = middleMs;
    else toMs = middleMs;
  }
  return toMs;
}

function minutesUntil(
  { opens, closes }: SendingWindow,
  { isOpen, minute }: { readonly isOpen: boolean; readonly minute: number },
): number {
  const wanted = (isOpen ? closes : opens) % dayMinutes;
  return (wanted - minute + dayMinutes) % dayMinutes || dayMinutes;
}

function isOpenAt({ opens, closes, timezone }: LocalWindow, atMs: number): boolean {
  const minute = minuteOfDay(timezone, atMs);
  return opens < closes ? minute >= opens && minute < closes : minute >= opens || minute < closes;
}

function minuteOfDay(timezone: string, atMs: number): number {
  const [hour = '', minute = ''] = clockOf(timezone).format(atMs).split(':');
  return Number(hour) * 60 + Number(minute);
}

// Making one takes 30 µs, using it 1. The IANA database has 600 names, and a list may use offsets beside.
const mostClocks = 1_000;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError for a time zone that is not known. */
function clockOf(timezone: string): Intl.DateTimeFormat {
  const known = clocks.get(timezone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  if (clocks.size >= mostClocks) clocks.clear();
  clocks.set(timezone, clock);
  return clock;
}

function minutesOf(hours = '', minutes = ''): number | null {
  const total = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && total <= dayMinutes ? total : null;
}

function timeText(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
