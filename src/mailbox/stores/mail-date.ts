// RFC 5322 §3.3, and §4.3 for years of two and three digits. The year is taken as written, in the sender's zone: what mail programs
// show, and the same on every machine.
const dateField =
  /^Date:[^\r\n]*?\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{2,4})\b/im;
// RFC 4155, appendix A: `From `, address, and a date as asctime writes it, with or without a zone.
const separatorYear = /\d{1,2}:\d\d(?::\d\d)?.{0,40}?\b(\d{4})\s*$/;

// Before 1971 there was no mail; clocks that were never set say 1970.
const firstYear = 1971;

export type YearBounds = { readonly lastYear: number };

/** Year of the Date field; null: none, or one that cannot be (a clock never set, or far in the future). */
export function yearOfHeader(head: Buffer, { lastYear }: YearBounds): number | null {
  const written = dateField.exec(head.toString('latin1'))?.[1];
  if (written === undefined) return null;
  const digits = Number(written);
  const year =
    written.length === 2
      ? digits + (digits < 50 ? 2000 : 1900)
      : written.length === 3
        ? digits + 1900
        : digits;
  return plausible(year, lastYear);
}

/** Year of a `From ` line. */
export function yearOfSeparator(line: string, { lastYear }: YearBounds): number | null {
  const written = separatorYear.exec(line)?.[1];
  return written === undefined ? null : plausible(Number(written), lastYear);
}

/** Year of a moment, in UTC. */
export function yearOfMoment(ms: number, { lastYear }: YearBounds): number | null {
  const year = new Date(ms).getUTCFullYear();
  return Number.isNaN(year) ? null : plausible(year, lastYear);
}

function plausible(year: number, lastYear: number): number | null {
  return year >= firstYear && year <= lastYear ? year : null;
}
