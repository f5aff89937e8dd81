import { connect } from 'node:net';
import { failure, longestAnswerOctets } from './filter-word.ts';
import type { FilterPlace, FilterWord } from './filter-word.ts';

// SpamAssassin's spamd/PROTOCOL: `Spam: True ; 6.3 / 5.0`, then the report, a rule a line below a line of dashes.
const verdict = /^Spam:\s*(True|False|Yes|No)\s*;\s*(-?[\d.]+)\s*\/\s*(-?[\d.]+)/im;
const ruleLine = /^\s*\*?\s*(-?\d+(?:\.\d+)?)\s+([A-Z][A-Z0-9_]{2,60})\s+(.*)$/;

/** Asks SpamAssassin's daemon for its report. Never rejects. */
export async function askSpamd(
  place: FilterPlace,
  { mail, signal }: { readonly mail: Uint8Array; readonly signal: AbortSignal },
): Promise<FilterWord> {
  try {
    return readReport(await exchange(place, mail, signal));
  } catch (error) {
    return failure(error);
  }
}

function readReport(answer: string): FilterWord {
  const [, code = '', words = ''] = /^SPAMD\/[\d.]+ (\d+) ([^\r\n]*)/.exec(answer) ?? [];
  // PROTOCOL: 0 is EX_OK, others are those of sysexits.h.
  if (code !== '0')
    return { kind: 'failed', cause: code === '' ? 'not an answer of spamd' : `${code} ${words}` };
  const [, isSpam, score, threshold] = verdict.exec(answer) ?? [];
  if (isSpam === undefined) return { kind: 'failed', cause: 'no verdict in the answer of spamd' };
  return {
    kind: 'judged',
    isSpam: /^(?:true|yes)$/i.test(isSpam),
    score: Number(score),
    threshold: Number(threshold),
    rules: answer.split(/\r?\n/).flatMap(ruleOf),
  };
}

function ruleOf(
  line: string,
): readonly { readonly name: string; readonly score: number; readonly text: string }[] {
  const [, score, name, text = ''] = ruleLine.exec(line) ?? [];
  return name === undefined ? [] : [{ name, score: Number(score), text: text.trim() }];
}

async function exchange({ host, port }: FilterPlace, mail: Uint8Array, signal: AbortSignal): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    const chunks: Buffer[] = [];
    let octets = 0;
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      octets += chunk.length;
      if (octets > longestAnswerOctets) socket.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(`REPORT SPAMC/1.5\r\nContent-length: ${mail.length}\r\n\r\n`);
    // spamd reads as much as was announced; it closes when it has answered.
    socket.write(mail);
  });
}
