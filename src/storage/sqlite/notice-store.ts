import type { DatabaseSync } from 'node:sqlite';
import { mailMessageId } from '../../outbox/index.ts';
import type { DueNotice, NoticeStore } from '../../notices/index.ts';
import { placeOf } from './mail-record.ts';
import { eventOf, selectEvents } from './outcome-row.ts';
import { returnedOf } from './returned-row.ts';
import { numberOf, onlyRow, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

const kinds = ['failed', 'delayed', 'relayed'] as const;

// Looking for delays goes from message to message once; so many at a time hold nobody up (5 ms).
const mostLookedAt = 5_000;

const dueColumns = `notice.message_id, notice.kind, message.address, message.id - mail.first_id + 1 AS position, mail.name,
  mail.subject, mail.created_ms, mail.expires_ms, campaign.domain, submission.submitter, submission.envelope_id,
  submission.original_recipient, submission.returns, settled.state, mail_body.segment, mail_body.start, mail_body.octets`;

export function noticeStore(db: DatabaseSync, writer: Writer): NoticeStore {
  const sql = statementsOf(db);
  return {
    find(acceptedBeforeMs) {
      const from = numberOf(onlyRow(sql.frontier.get()), 'message_id');
      const found = sql.passed.all(from, acceptedBeforeMs, mostLookedAt);
      const last = found.at(-1);
      writer.write(() => {
        sql.addRelayed.run();
        if (last === undefined) return;
        const to = numberOf(last, 'message_id');
        sql.addDelayed.run(from, to);
        sql.setFrontier.run(to);
      });
      return found.length < mostLookedAt;
    },
    due: (limit) => sql.due.all(limit).map((row) => dueOf(row, sql)),
    told({ messageId, kind }, atMs) {
      writer.write(() => {
        sql.remove.run(messageId, kind);
        if (kind === 'delayed') sql.delayTold.run(atMs, messageId);
        if (kind === 'relayed') sql.successTold.run(atMs, messageId);
      });
    },
  };
}

type Statements = ReturnType<typeof statementsOf>;

function statementsOf(db: DatabaseSync) {
  return {
    frontier: db.prepare('SELECT message_id FROM notice_frontier'),
    setFrontier: db.prepare('UPDATE notice_frontier SET message_id = ?'),
    passed: db.prepare(
      `SELECT submission.message_id FROM submission
     JOIN message ON message.id = submission.message_id JOIN mail ON mail.id = message.mail_id
     WHERE submission.message_id > ? AND mail.created_ms <= ? ORDER BY submission.message_id LIMIT ?`,
    ),
    addDelayed: db.prepare(
      `INSERT OR IGNORE INTO notice SELECT message_id, 'delayed' FROM submission
     WHERE message_id > ? AND message_id <= ? AND submitter <> '' AND instr(notify, 'delay') > 0
       AND delay_told_ms IS NULL AND NOT EXISTS (SELECT 1 FROM settled WHERE settled.message_id = submission.message_id)`,
    ),
    addRelayed: db.prepare(
      `INSERT OR IGNORE INTO notice SELECT submission.message_id, 'relayed' FROM submission
     JOIN settled ON settled.message_id = submission.message_id AND settled.state = 'delivered'
     JOIN message ON message.id = submission.message_id JOIN mail ON mail.id = message.mail_id AND mail.sandbox = 0
     WHERE instr(notify, 'success') > 0 AND success_told_ms IS NULL AND submitter <> ''`,
    ),
    due: db.prepare(
      `SELECT ${dueColumns} FROM notice JOIN submission ON submission.message_id = notice.message_id
     JOIN message ON message.id = notice.message_id JOIN mail ON mail.id = message.mail_id
     JOIN campaign ON campaign.id = message.campaign_id
     LEFT JOIN settled ON settled.message_id = message.id
     LEFT JOIN mail_body ON mail_body.mail_id = mail.id AND mail_body.number = message.body
     ORDER BY notice.message_id LIMIT ?`,
    ),
    lastEvent: db.prepare(`${selectEvents} WHERE message_id = ? ORDER BY seq DESC LIMIT 1`),
    turned: db.prepare(
      `SELECT * FROM returned WHERE message_id = ? AND effect = 'turned' ORDER BY seq DESC LIMIT 1`,
    ),
    remove: db.prepare('DELETE FROM notice WHERE message_id = ? AND kind = ?'),
    delayTold: db.prepare('UPDATE submission SET delay_told_ms = ? WHERE message_id = ?'),
    successTold: db.prepare('UPDATE submission SET success_told_ms = ? WHERE message_id = ?'),
  };
}

function dueOf(row: Row, { lastEvent, turned }: Statements): DueNotice {
  const messageId = numberOf(row, 'message_id');
  const last = lastEvent.get(messageId);
  const returned = turned.get(messageId);
  return {
    messageId,
    kind: wordOf(row, 'kind', kinds),
    id: mailMessageId(textOf(row, 'name'), numberOf(row, 'position')),
    recipient: textOf(row, 'address'),
    submitter: textOf(row, 'submitter'),
    envelopeId: textOrNull(row, 'envelope_id'),
    originalRecipient: textOrNull(row, 'original_recipient'),
    returns: wordOf(row, 'returns', ['full', 'headers']),
    domain: textOf(row, 'domain'),
    subject: textOf(row, 'subject'),
    acceptedMs: numberOf(row, 'created_ms'),
    expiresMs: numberOf(row, 'expires_ms'),
    isSettled: row['state'] !== null,
    last: last === undefined ? null : eventOf(last),
    returned: returned === undefined ? null : returnedOf(returned),
    body: placeOf(row),
  };
}
