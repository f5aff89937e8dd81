import type { Migration } from './migration.ts';

/**
 * Not breaking: new tables, and columns that are NULL in rows that exist.
 *
 * What applications hand over is one row in `mail` and one message for each recipient; their bytes lie in `bodies/`. The
 * messages of a day (UTC) and a sending domain share one row of `campaign`, so that the ledger stays short.
 */
export const mail: Migration = {
  number: 8,
  name: 'mail',
  breaking: false,
  sql: `
ALTER TABLE campaign ADD COLUMN mail_day INTEGER;  -- days since 1970-01-01, UTC: applications' mail; NULL: a campaign
CREATE INDEX campaign_mail_day ON campaign (mail_day, domain) WHERE mail_day IS NOT NULL;

ALTER TABLE message ADD COLUMN mail_id INTEGER;    -- NULL: of a campaign
ALTER TABLE message ADD COLUMN body INTEGER;       -- mail_body.number

CREATE TABLE mail (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE,  -- m-…; begins with the time, so that the index grows at its right edge
  first_id      INTEGER NOT NULL,      -- its messages have the ids from here on, in the order of its recipients
  messages      INTEGER NOT NULL,      -- so many
  via           TEXT NOT NULL CHECK (via IN ('http', 'smtp', 'sendmail')),
  owner         TEXT NOT NULL,         -- the key that handed it over
  author        TEXT NOT NULL,         -- address of From
  subject       TEXT NOT NULL,
  sandbox       INTEGER NOT NULL,      -- 1: captured, not sent
  require_tls   INTEGER NOT NULL,
  message_id    TEXT,                  -- Message-ID that the submitter gave; NULL: it is made of name
  tags          TEXT,                  -- JSON array; NULL: none
  metadata      TEXT,                  -- JSON object; NULL: none
  created_ms    INTEGER NOT NULL,
  not_before_ms INTEGER NOT NULL,      -- 0: at once
  expires_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_message_id ON mail (message_id) WHERE message_id IS NOT NULL;

-- Where the bytes lie. A body is stored once for all the recipients that get it.
CREATE TABLE mail_body (
  mail_id   INTEGER NOT NULL REFERENCES mail,
  number    INTEGER NOT NULL,
  segment   INTEGER,           -- NULL: no longer kept
  start     INTEGER NOT NULL,  -- of its record
  octets    INTEGER NOT NULL,
  eight_bit INTEGER NOT NULL,
  smtp_utf8 INTEGER NOT NULL,
  PRIMARY KEY (mail_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_body_segment ON mail_body (segment, mail_id) WHERE segment IS NOT NULL;

-- Answers that were given to requests with an idempotency key; rows older than a day count no more and are removed.
CREATE TABLE idempotency (
  owner       TEXT NOT NULL,
  key         TEXT NOT NULL,
  position    INTEGER NOT NULL,  -- among the mails that came with the key
  fingerprint TEXT NOT NULL,
  mail_id     INTEGER NOT NULL,
  at_ms       INTEGER NOT NULL,
  PRIMARY KEY (owner, key, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_time ON idempotency (at_ms);
`,
};
