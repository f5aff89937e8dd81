import type { Migration } from './migration.ts';

/** Not breaking: new tables. What block lists say of our sources and domains, and what changed. */
export const listings: Migration = {
  number: 14,
  name: 'listings',
  breaking: false,
  sql: `
-- The last word of a list that counts.
CREATE TABLE listing (
  subject  TEXT NOT NULL,     -- IP address or domain
  list     TEXT NOT NULL,     -- id in knowledge/blocklists.yaml
  listed   INTEGER NOT NULL,
  answer   TEXT NOT NULL,     -- '' when it is not listed
  since_ms INTEGER NOT NULL,
  asked_ms INTEGER NOT NULL,
  PRIMARY KEY (subject, list)
) STRICT, WITHOUT ROWID;

CREATE TABLE listing_event (
  seq      INTEGER PRIMARY KEY,
  at_ms    INTEGER NOT NULL,
  subject  TEXT NOT NULL,
  list     TEXT NOT NULL,
  change   TEXT NOT NULL CHECK (change IN ('listed', 'delisted')),
  answer   TEXT NOT NULL,
  since_ms INTEGER
) STRICT;

CREATE INDEX listing_event_of_subject ON listing_event (subject, seq);
`,
};
