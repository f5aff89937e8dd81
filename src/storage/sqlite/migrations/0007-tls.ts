import type { Migration } from './migration.ts';

/** Not breaking: new tables. MTA-STS policies as long as they count, and what TLS was like, for reports to others. */
export const tls: Migration = {
  number: 7,
  name: 'tls',
  breaking: false,
  sql: `
CREATE TABLE sts_policy (
  domain     TEXT PRIMARY KEY,
  id         TEXT NOT NULL,     -- of the TXT record that announced it
  text       TEXT NOT NULL,     -- the file
  fetched_ms INTEGER NOT NULL,
  until_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions of a day (UTC) that are alike.
CREATE TABLE tls_count (
  day           TEXT NOT NULL,
  policy_domain TEXT NOT NULL,
  policy_type   TEXT NOT NULL,
  policy        TEXT NOT NULL,  -- JSON: array of lines
  result        TEXT NOT NULL,  -- '': they succeeded
  mx_host       TEXT NOT NULL,
  receiving_ip  TEXT NOT NULL,
  sending_ip    TEXT NOT NULL,
  reason        TEXT NOT NULL,
  sessions      INTEGER NOT NULL,
  PRIMARY KEY (day, policy_domain, policy_type, policy, result, mx_host, receiving_ip, sending_ip, reason)
) STRICT, WITHOUT ROWID;

-- What became of the report of a day for a domain.
CREATE TABLE tls_report (
  day           TEXT NOT NULL,
  policy_domain TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('open', 'sent', 'unwanted', 'failed')),
  tries         INTEGER NOT NULL,
  at_ms         INTEGER NOT NULL,
  detail        TEXT NOT NULL,
  PRIMARY KEY (day, policy_domain)
) STRICT, WITHOUT ROWID;
`,
};
