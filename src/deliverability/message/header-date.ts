const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

// RFC 5322 §3.3; seconds may be missing. §4.3: zones by name are obsolete, and read as such.
const form =
  /^\s*(?:[a-z]{3}\s*,\s*)?(\d{1,2})\s+([a-z]{3})\s+(\d{4})\s+(\d{2}):(\d{2})(?::(\d{2}))?\s+([+-]\d{4}|[a-z]{1,4})\s*$/i;

// RFC 5322 §4.3; anything else counts as -0000.
const zones: Readonly<Record<string, number>> = {
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

/** Milliseconds since 1970, or null: it is no date of RFC 5322. */
export function readDate(value: string): number | null {
  const match = form.exec(value.replaceAll(/\([^()]*\)/g, ' '));
  if (match === null) return null;
  const [, day, month, year, hour, minute, second = '0', zone = ''] = match;
  const monthIndex = months.indexOf((month ?? '').toLowerCase());
  const numbers = { day: Number(day), hour: Number(hour), minute: Number(minute), second: Number(second) };
  // RFC 5322 §3.3: 23:59:60 is a leap second.
  const isSound =
    numbers.day >= 1 && numbers.day <= 31 && numbers.hour < 24 && numbers.minute < 60 && numbers.second <= 60;
  if (monthIndex < 0 || !isSound) return null;
  const local = Date.UTC(Number(year), monthIndex, numbers.day, numbers.hour, numbers.minute, numbers.second);
  return local - offsetMs(zone);
}

function offsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2})(\d{2})$/.exec(zone) ?? [];
  if (sign === undefined) return (zones[zone.toLowerCase()] ?? 0) * 3_600_000;
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -size : size;
}
