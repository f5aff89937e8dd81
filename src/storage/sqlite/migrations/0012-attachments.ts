import type { Migration } from './migration.ts';

/** Not breaking: new tables. Files behind download links, how files got to recipients, what was taken out of the inbox. */
export const attachments: Migration = {
  number: 12,
  name: 'attachments',
  breaking: false,
  sql: `
CREATE TABLE download (
  digest         BLOB PRIMARY KEY,  -- SHA-256 of the secret in the link
  content        TEXT NOT NULL,     -- SHA-256 of the file, its name in files/
  octets         INTEGER NOT NULL,
  filename       TEXT NOT NULL,
  content_type   TEXT NOT NULL,
  password       TEXT,              -- scrypt; NULL: none
  mail           TEXT NOT NULL,     -- m-…
  domain         TEXT NOT NULL,     -- that it was sent for
  created_ms     INTEGER NOT NULL,
  expires_ms     INTEGER NOT NULL,
  allowed_octets INTEGER NOT NULL,  -- downloads × octets
  sent_octets    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX download_content ON download (content, octets);
CREATE INDEX download_expires ON download (expires_ms);
CREATE INDEX download_mail ON download (mail);

CREATE TABLE attachment_decision (
  mail      TEXT PRIMARY KEY,  -- m-…
  decisions TEXT NOT NULL      -- JSON
) STRICT, WITHOUT ROWID;

-- Captured messages that somebody has taken out of the inbox; they stay in the ledger.
CREATE TABLE inbox_removed (
  message_id INTEGER PRIMARY KEY
) STRICT;
`,
};
