import type { Migration } from './migration.ts';

/** Not breaking: new tables. What applications keep here: templates, sending domains, campaigns that have no recipients yet. */
export const templatesAndDomains: Migration = {
  number: 11,
  name: 'templates-and-domains',
  breaking: false,
  sql: `
CREATE TABLE template (
  name       TEXT PRIMARY KEY,
  domain     TEXT,               -- NULL: everybody's
  subject    TEXT NOT NULL,
  html       TEXT,
  mjml       TEXT,               -- what html was made from
  text       TEXT,
  defaults   TEXT NOT NULL,      -- JSON object
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  version    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Beside those of the configuration. Private keys are files of the data folder, not rows.
CREATE TABLE sending_domain (
  name        TEXT PRIMARY KEY,
  return_path TEXT NOT NULL,
  dkim        TEXT NOT NULL,     -- JSON array: selector, file, algorithm
  created_ms  INTEGER NOT NULL,
  verified_ms INTEGER,           -- when DKIM was last seen in the DNS; NULL: never
  checked_ms  INTEGER,
  findings    TEXT NOT NULL      -- JSON array: what the last look at the DNS found
) STRICT, WITHOUT ROWID;

-- One row: counts the changes of sending_domain, so that who reads it often knows when.
CREATE TABLE sending_domain_change (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  changes INTEGER NOT NULL
) STRICT;
INSERT INTO sending_domain_change VALUES (1, 0);

CREATE TABLE campaign_draft (
  name       TEXT PRIMARY KEY,   -- the campaign's, c-…
  owner      TEXT NOT NULL,      -- the key
  draft      TEXT NOT NULL,      -- JSON
  domain     TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
};
