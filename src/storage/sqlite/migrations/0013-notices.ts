import type { Migration } from './migration.ts';

/**
 * Not breaking: new tables. What ended before is told to nobody.
 *
 * Who submitted a mail by SMTP is told of what did not arrive. Triggers write down what is to be told, in the transaction
 * in which it came to be, so that a crash loses no notice. A delivery costs nothing: only failures fire them.
 */
export const notices: Migration = {
  number: 13,
  name: 'notices',
  breaking: false,
  sql: `
-- To be told; removed when the notice is accepted.
CREATE TABLE notice (
  message_id INTEGER NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('failed', 'delayed', 'relayed')),
  PRIMARY KEY (message_id, kind)
) STRICT, WITHOUT ROWID;

-- Up to which message delays were looked for.
CREATE TABLE notice_frontier (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  message_id INTEGER NOT NULL
) STRICT;
INSERT INTO notice_frontier SELECT 1, coalesce(max(id), 0) FROM message;

-- The few that want to hear of successes, until they have.
ALTER TABLE submission ADD COLUMN success_told_ms INTEGER;
CREATE INDEX submission_success ON submission (message_id)
  WHERE instr(notify, 'success') > 0 AND success_told_ms IS NULL;

CREATE TRIGGER notice_settled AFTER INSERT ON settled
  WHEN NEW.state IN ('bounced', 'expired', 'suppressed')
BEGIN
  INSERT OR IGNORE INTO notice SELECT message_id, 'failed' FROM submission
    WHERE message_id = NEW.message_id AND submitter <> '' AND instr(notify, 'failure') > 0;
END;
-- A bounce that came after the receiver had said yes.
CREATE TRIGGER notice_turned AFTER UPDATE OF state ON settled
  WHEN NEW.state = 'bounced' AND OLD.state <> 'bounced'
BEGIN
  INSERT OR IGNORE INTO notice SELECT message_id, 'failed' FROM submission
    WHERE message_id = NEW.message_id AND submitter <> '' AND instr(notify, 'failure') > 0;
END;
`,
};
