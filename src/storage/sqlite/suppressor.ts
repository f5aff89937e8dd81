import type { DatabaseSync } from 'node:sqlite';
import { judgeSuppression, mayPointToRecipient, softVerdicts, suppressionKey } from '../../contacts/index.ts';
import type { SuppressionNews, SuppressionPast, SuppressionPolicy } from '../../contacts/index.ts';
import type { FinalState, MessageEvent, ReturnedEvent } from '../../events/index.ts';
import { addressTag } from './address-tag.ts';
import { numberOf, numberOrNull, onlyRow, textOf, textOrNull } from './row.ts';
import type { Row } from './row.ts';
import type { SuppressionRows } from './suppression-rows.ts';

/** Suppresses by policy, in the transaction that puts the reason on record: a crash leaves both or neither. */
export type Suppressor = {
  /** Inside `write`, after a message was settled with this event. */
  afterEnd(event: MessageEvent, state: FinalState, seq: number): void;
  /** Inside `write`, after news about a message of ours was put on record. */
  afterNews(
    news: ReturnedEvent,
    message: { readonly id: number; readonly address: string },
    seq: number,
  ): void;
};

export type SuppressorParts = {
  readonly db: DatabaseSync;
  readonly rows: SuppressionRows;
  readonly policy: SuppressionPolicy;
};

// Who gets a thousand mails within the window is a test address; the row of failures is read no further back.
const mostMessagesRead = 1_000;

export function createSuppressor({ db, rows, policy }: SuppressorParts): Suppressor {
  const addressOf = db.prepare('SELECT address FROM message WHERE id = ?');
  const lastAttempt = db.prepare(`SELECT max(at_ms) AS at_ms FROM event WHERE message_id = ?`);
  const past = pastReader(db);

  const consider = (news: SuppressionNews, found: Found): void => {
    const judgement = judgeSuppression(news, past(found.address), policy);
    if (!judgement.suppress) return;
    rows.add({
      address: found.address,
      reason: judgement.reason,
      source: `message:${found.messageId}`,
      atMs: news.atMs,
      note: found.note,
      verdict: news.verdict,
      evidence: found.evidence,
      untilMs: judgement.untilMs,
    });
  };

  return {
    afterEnd(event, state, seq) {
      const { atMs, messageId, reading } = event;
      if ((state !== 'bounced' && state !== 'expired') || !mayPointToRecipient(reading)) return;
      const address = textOf(onlyRow(addressOf.get(messageId)), 'address');
      const news: SuppressionNews = {
        kind: state,
        verdict: reading.verdict,
        hardBounce: reading.hardBounce === true,
        feedbackType: null,
        trusted: true,
        atMs,
        sentMs: atMs,
      };
      consider(news, { address, messageId, note: wordsOf(event), evidence: `attempt:${seq}` });
    },
    afterNews(returned, { id, address }, seq) {
      const { kind, hardBounce, feedbackType, trusted, atMs } = returned;
      const sentMs = numberOrNull(onlyRow(lastAttempt.get(id)), 'at_ms') ?? atMs;
      const news: SuppressionNews = {
        kind: kind === 'bounced-later' || kind === 'complained' ? kind : 'other',
        verdict: returned.reading.verdict,
        hardBounce,
        feedbackType,
        trusted,
        atMs,
        sentMs,
      };
      consider(news, { address, messageId: id, note: returned.said, evidence: `returned:${seq}` });
    },
  };
}

type Found = {
  readonly address: string;
  readonly messageId: number;
  readonly note: string;
  readonly evidence: string;
};

function wordsOf({ outcome }: MessageEvent): string {
  if (outcome === null) return '';
  return outcome.origin === 'remote'
    ? `${outcome.reply.code} ${outcome.reply.lines.join(' ')}`
    : outcome.text;
}

function pastReader(db: DatabaseSync): (address: string) => SuppressionPast {
  // Leaving a list and coming back says nothing of the mailbox.
  const released = db.prepare(
    `SELECT max(at_ms) AS at_ms FROM suppression_removal WHERE key = ? AND reason IS NOT 'unsubscribed'`,
  );
  const messages = db.prepare(
    `SELECT message.address, settled.state, settled.at_ms,
       (SELECT verdict FROM event WHERE message_id = message.id ORDER BY seq DESC LIMIT 1) AS verdict,
       (SELECT verdict FROM returned WHERE message_id = message.id AND kind = 'bounced-later' AND trusted = 1
          ORDER BY seq DESC LIMIT 1) AS later
     FROM message_address AS found CROSS JOIN message ON message.id = found.message_id
     JOIN settled ON settled.message_id = message.id
     WHERE found.tag = ? ORDER BY found.message_id DESC LIMIT ${mostMessagesRead}`,
  );
  return (address) => {
    const key = suppressionKey(address);
    const releasedMs = (): number | null => numberOrNull(onlyRow(released.get(key)), 'at_ms');
    return {
      releasedMs,
      softFailures(sinceMs, atMost) {
        const afterMs = Math.max(sinceMs, releasedMs() ?? 0);
        let failures = 0;
        for (const row of messages.iterate(addressTag(address))) {
          if (suppressionKey(textOf(row, 'address')) !== key) continue;
          if (textOf(row, 'state') === 'delivered') break;
          if (isSoftFailure(row) && numberOf(row, 'at_ms') > afterMs) failures += 1;
          if (failures >= atMost) break;
        }
        return failures;
      },
    };
  };
}

function isSoftFailure(row: Row): boolean {
  const state = textOf(row, 'state');
  const verdict = textOrNull(row, 'later') ?? textOrNull(row, 'verdict');
  return (state === 'bounced' || state === 'expired') && verdict !== null && softVerdicts.includes(verdict);
}
