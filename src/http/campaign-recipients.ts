import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RecipientSource, SourcedRecipient } from '../campaigns/index.ts';
import { domainOfAddress, importRecipients, normaliseAddress, suppressionKey } from '../contacts/index.ts';
import type { RejectedRow } from '../contacts/index.ts';
import type { NewCampaign } from './contract/campaign.ts';
import { problem } from './problem.ts';
import type { Fault, Problem } from './problem.ts';

/** What was taken of a list. */
export type ListSummary = {
  readonly rejected: number;
  readonly duplicates: number;
  /** The first of them. */
  readonly rejectedRows: readonly RejectedRow[];
};

const mostFaults = 20;
const batchRows = 1_000;

/** Recipients that stand in the request itself: every one must do, since whoever makes JSON can mend it. */
export function listedRecipients(
  given: NonNullable<NewCampaign['recipients']>,
): RecipientSource<ListSummary> | Problem {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const recipients: SourcedRecipient[] = [];
  let duplicates = 0;
  for (const [index, row] of given.entries()) {
    const { email } = row;
    const read = normaliseAddress(typeof email === 'string' ? email : '');
    if (!read.ok) {
      if (faults.length < mostFaults)
        faults.push({ field: `recipients/${index}/email`, detail: read.reason });
      continue;
    }
    const key = suppressionKey(read.text);
    if (seen.has(key)) duplicates += 1;
    else {
      seen.add(key);
      const variables = { ...textsOf(row), email: read.text };
      recipients.push({ address: read.text, domain: domainOfAddress(read.text), variables, line: index + 1 });
    }
  }
  if (faults.length > 0) return problem('invalid-body', { faults });
  return async (accept) => {
    for (let at = 0; at < recipients.length; at += batchRows)
      await accept(recipients.slice(at, at + batchRows));
    return { rejected: 0, duplicates, rejectedRows: [] };
  };
}

/** Templates of campaigns know texts alone, as a CSV has them. */
function textsOf(row: NonNullable<NewCampaign['recipients']>[number]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? '' : String(value)]),
  );
}

/** A CSV in a file: rows that cannot be used are left out and told of. */
export function uploadedRecipients(file: string): RecipientSource<ListSummary> {
  return async (accept) => {
    const rejectedRows: RejectedRow[] = [];
    const summary = await importRecipients(file, {
      accepted: (batch) => accept(batch),
      rejected: (row) => void (rejectedRows.length < mostFaults && rejectedRows.push(row)),
    });
    return { rejected: summary.rejected, duplicates: summary.duplicates, rejectedRows };
  };
}

class TooLarge extends Error {}

/** Writes a body into a file as it comes, up to a limit; the file is gone again unless this gives null. */
export async function saveUpload(
  source: { readonly incoming: IncomingMessage | undefined; readonly request: Request },
  { file, limitBytes }: { readonly file: string; readonly limitBytes: number },
): Promise<'too-large' | 'cut-off' | null> {
  const { incoming, request } = source;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  let octets = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _, done) {
      octets += chunk.length;
      done(octets > limitBytes ? new TooLarge() : null, chunk);
    },
  });
  const body: AsyncIterable<Uint8Array> = incoming ?? request.body ?? Readable.from([]);
  try {
    await pipeline(body, bounded, createWriteStream(file, { mode: 0o600, flags: 'wx' }));
    return null;
  } catch (error) {
    await rm(file, { force: true });
    if (error instanceof TooLarge) return 'too-large';
    if (
      error instanceof Error &&
      'code' in error &&
      /^(ERR_STREAM_PREMATURE_CLOSE|ECONNRESET|ABORT_ERR)$/.test(String(error.code))
    )
      return 'cut-off';
    throw error;
  }
}
