// C0 and C1 controls but for line feed and tab; and the marks that turn the order of what follows (UAX #9 §2).
const controls = /[^\P{Cc}\n\t]+|[\u202A-\u202E\u2066-\u2069]+/gu;

/** Text as a terminal may show it: words of strangers move no cursor, set no title and stand in their own order. */
export function plainText(text: string): string {
  return text.replaceAll(controls, ' ');
}
