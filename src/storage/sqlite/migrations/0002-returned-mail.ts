import type { Migration } from './migration.ts';

/**
 * Not breaking: rows that exist are kept as they are, suppressions in a table with room for scopes.
 *
 * News about a message has a table of its own: most of it comes when the message's campaign is long over, some matches no
 * message, and one mail must never count twice. What it changes is one narrow row in `settled`.
 */
export const returnedMail: Migration = {
  number: 2,
  name: 'returned-mail',
  breaking: false,
  sql: `
-- Whose suppressions count besides the address's own; NULL: the campaign's name.
ALTER TABLE campaign ADD COLUMN list TEXT;

-- 1: nothing sent there will ever arrive. NULL for everything else: no byte for a success.
ALTER TABLE event ADD COLUMN hard INTEGER;

-- Failures in the order of time, for the error history. Successes have no verdict and do not enter: a commit of them
-- costs what it did. Filled at its right edge. It covers what counting asks for, so that counting never reads the rows.
CREATE INDEX event_failure ON event (at_ms, verdict, outcome, kind, peer_id, message_id) WHERE verdict IS NOT NULL;

-- What came back. Append-only but for \`effect\`; of what nothing proves only the newest 100,000 stay.
CREATE TABLE returned (
  seq           INTEGER PRIMARY KEY,
  digest        TEXT NOT NULL,      -- of the mail
  kind          TEXT NOT NULL,
  recipient_key TEXT NOT NULL,      -- suppressionKey(recipient); '' where the mail does not say
  recipient     TEXT,
  message_id    INTEGER REFERENCES message,
  matched_by    TEXT,
  trusted       INTEGER NOT NULL,
  effect        TEXT CHECK (effect IN ('turned', 'pending')),  -- 'pending': the delivery it speaks of is not settled yet
  at_ms         INTEGER NOT NULL,
  verdict       TEXT,
  detail        TEXT,
  rule          TEXT,
  confidence    REAL NOT NULL,
  hard          INTEGER NOT NULL,
  party         TEXT NOT NULL,
  reply_code    INTEGER,
  status        TEXT,
  said          TEXT NOT NULL,      -- JSON string; at most 1,000 characters
  remote_host   TEXT,
  feedback_type TEXT,
  provider      TEXT,
  via           TEXT NOT NULL
) STRICT;
-- The same mail taken twice is one event for each recipient.
CREATE UNIQUE INDEX returned_mail ON returned (digest, recipient_key, kind);
CREATE INDEX returned_message ON returned (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX returned_time ON returned (at_ms);
-- What anybody can write: counted, and the oldest removed.
CREATE INDEX returned_unproved ON returned (seq) WHERE trusted = 0;
CREATE INDEX returned_pending ON returned (message_id) WHERE effect = 'pending';

ALTER TABLE suppression RENAME TO suppression_1;
CREATE TABLE suppression (
  key      TEXT NOT NULL,  -- suppressionKey(address), or the domain
  scope    TEXT NOT NULL CHECK (scope IN ('address', 'list', 'domain')),
  list     TEXT NOT NULL,  -- '' unless scope is 'list'
  reason   TEXT NOT NULL,
  address  TEXT NOT NULL,
  source   TEXT NOT NULL,
  at_ms    INTEGER NOT NULL,
  note     TEXT NOT NULL,
  verdict  TEXT,
  evidence TEXT,           -- 'attempt:' event.seq or 'returned:' returned.seq
  until_ms INTEGER,        -- NULL: until somebody lifts it
  PRIMARY KEY (key, scope, list, reason)
) STRICT, WITHOUT ROWID;
INSERT INTO suppression SELECT key, 'address', '', reason, address, source, at_ms, note, NULL, NULL, NULL
  FROM suppression_1 ORDER BY key, reason;
DROP TABLE suppression_1;

-- What no longer counts, as it was, and how it ended: history for ever.
CREATE TABLE suppression_past (
  seq          INTEGER PRIMARY KEY,
  key          TEXT NOT NULL,
  scope        TEXT NOT NULL,
  list         TEXT NOT NULL,
  reason       TEXT NOT NULL,
  address      TEXT NOT NULL,
  source       TEXT NOT NULL,
  at_ms        INTEGER NOT NULL,
  note         TEXT NOT NULL,
  verdict      TEXT,
  evidence     TEXT,
  until_ms     INTEGER,
  ended_by     TEXT NOT NULL CHECK (ended_by IN ('lapsed', 'replaced', 'lifted')),
  ended_ms     INTEGER NOT NULL,
  because      TEXT NOT NULL,
  ended_source TEXT NOT NULL
) STRICT;
CREATE INDEX suppression_past_key ON suppression_past (key);
`,
};
