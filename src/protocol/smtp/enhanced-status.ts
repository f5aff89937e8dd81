// RFC 3463 §2: class "." subject "." detail, class 2, 4 or 5, the others up to three digits. What follows must end the
// number: `5.1.1` and `5.1.1:` count, `5.1.1.2` (an IP address) and `5.1.1234` do not.
const statusPattern = /^[245]\.\d{1,3}\.\d{1,3}(?![.\d])/;

const digitTwo = 0x32;
const digitFive = 0x35;
const dot = 0x2e;

/** The enhanced status code that a reply's first line starts with (RFC 2034 §4), as sent; null when there is none. */
export function enhancedStatus(text: string): string | null {
  // Most replies carry none or a plain one; two looks at the text spare the pattern on the hot path.
  const first = text.charCodeAt(0);
  if (first < digitTwo || first > digitFive || text.charCodeAt(1) !== dot) return null;
  return statusPattern.exec(text)?.[0] ?? null;
}
