// Sendmail's Diagnostic-Code, and the reason in its words, hold one line of a reply. Where that line says by its hyphen
// that the reply goes on (RFC 5321 §4.2.1), the transcript of the same report has the rest.

// RFC 5321 §4.5.3.1.5 bounds a line, nothing bounds a reply; the longest that providers send have six lines.
const mostLines = 12;
/** Of two replies that begin alike for so long, the first is the right one. */
const comparedChars = 60;

/** The reply that begins with `start`, as far as the transcript has it; `start` itself where it is whole or unknown. */
export function wholeReply(start: string, transcript: string): string {
  const first = start.trim();
  const code = /^([45]\d\d)-/.exec(first)?.[1];
  if (code === undefined || first.includes('\n') || first.includes(` ${code} `)) return start;
  const lines = transcript
    .split('\n')
    .map((line) => line.replace(/^\s{0,20}(?:<{1,3}|<-{1,2})\s/, '').trim());
  const at = lines.findIndex((line) => line !== '' && line.startsWith(first.slice(0, comparedChars)));
  if (at < 0) return start;
  const taken: string[] = [];
  for (const line of lines.slice(at, at + mostLines)) {
    if (!line.startsWith(`${code}-`) && !line.startsWith(`${code} `)) break;
    taken.push(line);
    if (line.startsWith(`${code} `)) break;
  }
  return taken.length > 1 ? taken.join('\n') : start;
}
