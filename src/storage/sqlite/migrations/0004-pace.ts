import type { Migration } from './migration.ts';

/** Not breaking: new tables. What was learnt of each way out, and every decision about its pace with its reason. */
export const pace: Migration = {
  number: 4,
  name: 'pace',
  breaking: false,
  sql: `
CREATE TABLE path_pace (
  site        TEXT NOT NULL,
  source      TEXT NOT NULL,   -- '' where the system chooses
  at_ms       INTEGER NOT NULL,
  learnt      TEXT NOT NULL,   -- JSON: PaceSnapshot
  connections INTEGER,         -- that the site was found to take; NULL: more than were ever open
  PRIMARY KEY (site, source)
) STRICT, WITHOUT ROWID;

-- Append-only.
CREATE TABLE pace_change (
  seq        INTEGER PRIMARY KEY,
  at_ms      INTEGER NOT NULL,
  site       TEXT NOT NULL,
  source     TEXT NOT NULL,
  because    TEXT NOT NULL,
  from_rate  REAL,             -- messages a second; NULL: not limited
  to_rate    REAL,
  pause_ms   INTEGER NOT NULL,
  detail     TEXT NOT NULL     -- the receiver's words
) STRICT;
CREATE INDEX pace_change_path ON pace_change (site, source, at_ms);
`,
};
