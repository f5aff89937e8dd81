import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/index.ts';
import type { MessageEnvelope } from './check-authentication.ts';
import type { MessageFindings } from './check-message.ts';

/** As long as a result is kept, and an address takes mail: 7 days. */
export const diagnosisLifeMs: number = 7 * 86_400_000;

/** What was found in the last mail to a diagnosis address. The mail itself is not kept. */
export type DiagnosisResult = MessageFindings & {
  readonly id: string;
  readonly atMs: number;
  /** How many mails came to this address. */
  readonly mails: number;
  readonly envelope: MessageEnvelope;
};

export type ResultStore = {
  /** Durable when it returns. */
  keep(result: DiagnosisResult): void;
  /** null: nothing came there, or too long ago. */
  read(id: string): DiagnosisResult | null;
};

// A result has some 20 KB; a week of the most mails an hour that are looked at by default fills 1 GB at the very most.
const mostResults = 50_000;
// Results that are over lie a while longer, readable by nobody.
const tidyEvery = 100;

// A sealed id (protocol/return-path): a file name that leads nowhere else.
const idForm = /^s[a-z0-9]{1,40}-[a-z2-7]{16}$/;

/** One file for each address in a folder of their own, private to the user that runs Todoku. */
export function createResultStore({
  folder,
  clock,
}: {
  readonly folder: string;
  readonly clock: Clock;
}): ResultStore {
  let kept = 0;
  const fileOf = (id: string): string => join(folder, `${id}.json`);
  return {
    keep(result) {
      if (!idForm.test(result.id)) throw new Error(`not a sealed id: ${JSON.stringify(result.id)}`);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (kept % tidyEvery === 0) tidy(folder, clock.now());
      kept += 1;
      writeWhole(fileOf(result.id), JSON.stringify(result));
    },
    read(id) {
      if (!idForm.test(id)) return null;
      const text = readIfThere(fileOf(id));
      if (text === null) return null;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `keep` alone, renamed into place whole
      const result = JSON.parse(text) as DiagnosisResult;
      return clock.now() - result.atMs > diagnosisLifeMs ? null : result;
    },
  };
}

/** A crash leaves the file before, or the one after. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.new`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Takes away what is over, and the oldest beyond the bound. */
function tidy(folder: string, nowMs: number): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const aged = files
    .map((file) => ({ file, atMs: statSync(file).mtimeMs }))
    .toSorted((one, other) => other.atMs - one.atMs);
  for (const [index, { file, atMs }] of aged.entries())
    if (index >= mostResults || nowMs - atMs > diagnosisLifeMs) unlinkSync(file);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
