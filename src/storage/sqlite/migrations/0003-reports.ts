import type { Migration } from './migration.ts';

/**
 * Not breaking: new tables.
 *
 * What a summary counts stands in rows; the whole report stands beside as JSON, so that what a later Todoku wants to know
 * need not be asked for again (reporters send a report once).
 */
export const reports: Migration = {
  number: 3,
  name: 'reports',
  breaking: false,
  sql: `
CREATE TABLE report (
  id        INTEGER PRIMARY KEY,
  kind      TEXT NOT NULL CHECK (kind IN ('dmarc-aggregate', 'dmarc-failure', 'tls')),
  org       TEXT NOT NULL,     -- who reports, lower case
  report_id TEXT NOT NULL,     -- of the report; a digest of it where it has none
  domain    TEXT NOT NULL,     -- it is about
  begin_ms  INTEGER NOT NULL,  -- 0: the report does not say
  end_ms    INTEGER NOT NULL,  -- 0: the report does not say
  messages  INTEGER NOT NULL,  -- or sessions
  stored_ms INTEGER NOT NULL,
  document  TEXT NOT NULL      -- JSON, without its records
) STRICT;
-- The same report comes by mail and from a file, in gzip and in zip. Reporters that number carelessly start anew: begin_ms.
CREATE UNIQUE INDEX report_once ON report (kind, org, report_id, domain, begin_ms);
CREATE INDEX report_time ON report (kind, end_ms);

-- A record of an aggregate report.
CREATE TABLE dmarc_record (
  report_id     INTEGER NOT NULL REFERENCES report,
  position      INTEGER NOT NULL,
  source_ip     TEXT NOT NULL,
  header_from   TEXT NOT NULL,
  envelope_from TEXT NOT NULL,
  messages      INTEGER NOT NULL,
  dkim_aligned  INTEGER NOT NULL,
  spf_aligned   INTEGER NOT NULL,
  disposition   TEXT NOT NULL,
  signatures    TEXT NOT NULL,  -- JSON: [[domain, selector, result]]
  spf_domain    TEXT NOT NULL,
  spf_result    TEXT NOT NULL,
  reasons       TEXT NOT NULL,  -- JSON: array of words
  PRIMARY KEY (report_id, position)
) STRICT, WITHOUT ROWID;

-- Sessions of a TLS report: result_type NULL succeeded.
CREATE TABLE tls_result (
  report_id     INTEGER NOT NULL REFERENCES report,
  position      INTEGER NOT NULL,
  policy_domain TEXT NOT NULL,
  policy_type   TEXT NOT NULL,
  result_type   TEXT,
  mx_host       TEXT NOT NULL,
  sessions      INTEGER NOT NULL,
  example       TEXT NOT NULL,
  PRIMARY KEY (report_id, position)
) STRICT, WITHOUT ROWID;
`,
};
