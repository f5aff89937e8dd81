import type { Clock } from '../../base/index.ts';
import type { MessageEnvelope } from './check-authentication.ts';
import type { MessageFindings } from './check-message.ts';
import { diagnosisLifeMs } from './result-store.ts';
import type { DiagnosisResult, ResultStore } from './result-store.ts';

/** A mail that came to a diagnosis address; `id`: the sealed id of the address. */
export type DiagnosisArrival = {
  readonly id: string;
  readonly mail: Buffer;
  readonly envelope: MessageEnvelope;
};

export type DiagnosisParts = {
  readonly check: (bytes: Buffer, envelope: MessageEnvelope) => Promise<MessageFindings>;
  readonly results: ResultStore;
  readonly clock: Clock;
  /** For everybody together. */
  readonly mailsPerHour: number;
};

/** `taken`: the result is on the disk; `over`: the address is too old or had its mails; `busy`: come again. */
export type DiagnosisAnswer = 'taken' | 'over' | 'busy';

// Somebody mends and sends again; what comes oftener is a loop or a list.
const mostMailsPerAddress = 20;
// Each holds its mail in memory while the DNS is asked.
const mostAtOnce = 8;
const hourMs = 3_600_000;

/** Looks at mails that strangers send to be looked at, within bounds. */
export function createDiagnosis(
  parts: DiagnosisParts,
): (arrival: DiagnosisArrival) => Promise<DiagnosisAnswer> {
  const { check, results, clock, mailsPerHour } = parts;
  let atOnce = 0;
  let hour = 0;
  let mails = 0;
  const hasRoom = (): boolean => {
    const now = Math.floor(clock.monotonic() / hourMs);
    if (now !== hour) [hour, mails] = [now, 0];
    return mails < mailsPerHour && atOnce < mostAtOnce;
  };
  return async ({ id, mail, envelope }) => {
    const issuedMs = issueTimeOf(id);
    const before = results.read(id)?.mails ?? 0;
    if (issuedMs === null || clock.now() - issuedMs > diagnosisLifeMs || before >= mostMailsPerAddress)
      return 'over';
    if (!hasRoom()) return 'busy';
    atOnce += 1;
    mails += 1;
    try {
      const found = await check(mail, envelope);
      const result: DiagnosisResult = { id, atMs: clock.now(), mails: before + 1, envelope, ...found };
      results.keep(result);
      return 'taken';
    } finally {
      atOnce -= 1;
    }
  };
}

const randomChars = 16;
const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** The id of a new address: the hour it was given out in base 36, and 80 random bits that nobody guesses. */
export function newDiagnosisId(nowMs: number, random: (octets: number) => Uint8Array): string {
  const chance = Array.from(random(randomChars), (octet) => letters.charAt(octet & 31)).join('');
  return `${Math.floor(nowMs / hourMs).toString(36)}${chance}`;
}

/** Of a sealed id `s<hour><chance>-<seal>`; the seal was read by whoever took the mail. */
function issueTimeOf(id: string): number | null {
  const [, hour] = /^s([a-z0-9]{4,6})[a-z2-7]{16}-/.exec(id) ?? [];
  return hour === undefined ? null : Number.parseInt(hour, 36) * hourMs;
}
