import { request } from 'node:http';
import { z } from 'zod';
import { failure, longestAnswerOctets } from './filter-word.ts';
import type { FilterEnvelope, FilterPlace, FilterWord } from './filter-word.ts';

// https://www.rspamd.com/doc/architecture/protocol.html, reply of /checkv2.
const reply = z.object({
  score: z.number(),
  required_score: z.number(),
  action: z.string(),
  symbols: z
    .record(
      z.string(),
      z.object({ name: z.string().optional(), score: z.number(), description: z.string().optional() }),
    )
    .default({}),
});

// Greylisting is no judgement of the content, and a soft reject asks to come again.
const harmless = new Set(['no action', 'greylist', 'soft reject']);

export type FilterQuestion = {
  readonly mail: Uint8Array;
  /** null: not known. */
  readonly envelope: FilterEnvelope | null;
  readonly signal: AbortSignal;
};

/** Asks rspamd's normal worker. Never rejects. */
export async function askRspamd(place: FilterPlace, question: FilterQuestion): Promise<FilterWord> {
  try {
    return readReply(await post(place, question));
  } catch (error) {
    return failure(error);
  }
}

function readReply({ status, body }: { readonly status: number; readonly body: string }): FilterWord {
  if (status !== 200) return { kind: 'failed', cause: `HTTP ${status}` };
  const read = reply.safeParse(JSON.parse(body));
  if (!read.success) return { kind: 'failed', cause: 'not an answer of rspamd' };
  const { score, required_score: threshold, action, symbols } = read.data;
  const rules = Object.entries(symbols).map(([name, { score: points, description = '' }]) => ({
    name,
    score: points,
    text: description,
  }));
  return { kind: 'judged', isSpam: !harmless.has(action), score, threshold, rules };
}

async function post(
  { host, port }: FilterPlace,
  { mail, envelope, signal }: FilterQuestion,
): Promise<{ status: number; body: string }> {
  const told =
    envelope === null ? {} : { IP: envelope.ip, Helo: plain(envelope.helo), From: plain(envelope.sender) };
  return await new Promise((resolve, reject) => {
    const asking = request(
      {
        host,
        port,
        path: '/checkv2',
        method: 'POST',
        signal,
        headers: { ...told, 'Content-Length': mail.length },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let octets = 0;
        answer.on('data', (chunk: Buffer) => {
          octets += chunk.length;
          if (octets > longestAnswerOctets) answer.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    asking.on('error', reject);
    asking.end(mail);
  });
}

/** What a stranger named himself, as the value of a header field (RFC 9110 §5.5). */
function plain(text: string): string {
  return text.replaceAll(/[^!-~]/g, '').slice(0, 300);
}
