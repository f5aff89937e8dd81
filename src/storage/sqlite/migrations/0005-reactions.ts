import type { Migration } from './migration.ts';

/**
 * Not breaking: new tables.
 *
 * A reaction is a row for ever, so that what the rules did can be told beside what others would have done. A stop is in
 * force while its `until_ms` lies ahead and nobody has lifted it: nothing is written when its time is over.
 */
export const reactions: Migration = {
  number: 5,
  name: 'reactions',
  breaking: false,
  sql: `
CREATE TABLE reaction (
  seq         INTEGER PRIMARY KEY,
  at_ms       INTEGER NOT NULL,
  step        TEXT NOT NULL CHECK (step IN ('slow-down', 'suspend', 'hold-campaign', 'alert')),
  rule        TEXT NOT NULL,
  scope       TEXT NOT NULL,
  site        TEXT,
  source      TEXT,     -- NULL where the system chooses, or where the scope asks for none
  domain      TEXT,
  campaign_id INTEGER,
  until_ms    INTEGER,
  factor      REAL,
  provider    TEXT,
  verdict     TEXT,
  detail      TEXT NOT NULL,
  message_id  INTEGER,
  ended_ms    INTEGER,  -- lifted before its time
  ended_by    TEXT
) STRICT;
CREATE INDEX reaction_time ON reaction (at_ms);
CREATE INDEX reaction_stop ON reaction (until_ms) WHERE until_ms IS NOT NULL AND ended_ms IS NULL;

-- What ended whole connections before a message had its turn: a 554 greeting is no message's event.
CREATE TABLE path_failure (
  seq         INTEGER PRIMARY KEY,
  at_ms       INTEGER NOT NULL,
  site        TEXT NOT NULL,
  domain      TEXT NOT NULL,
  provider    TEXT,
  outcome     TEXT NOT NULL,  -- and on as in event
  scope       TEXT NOT NULL,
  stage       TEXT NOT NULL,
  peer_id     INTEGER REFERENCES peer,
  duration_ms REAL NOT NULL,
  reply_code  INTEGER,
  status      TEXT,
  cause       TEXT,
  said        TEXT NOT NULL,
  verdict     TEXT,
  detail      TEXT,
  rule        TEXT,
  confidence  REAL NOT NULL,
  hard        INTEGER
) STRICT;
CREATE INDEX path_failure_time ON path_failure (at_ms);

-- Messages of a day that one source has shown to one provider: what a warm-up counts by.
CREATE TABLE source_day (
  day      INTEGER NOT NULL,  -- days since 1970-01-01, UTC
  source   TEXT NOT NULL,
  provider TEXT NOT NULL,     -- '' for those not known to us
  messages INTEGER NOT NULL,
  bad      INTEGER NOT NULL,  -- of them, those that speak against the source
  PRIMARY KEY (day, source, provider)
) STRICT, WITHOUT ROWID;
`,
};
