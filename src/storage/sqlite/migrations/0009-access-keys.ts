import type { Migration } from './migration.ts';

/** Not breaking: a new table. Keys of applications; a row is never removed, so that `owner` of old mail keeps its name. */
export const accessKeys: Migration = {
  number: 9,
  name: 'access-keys',
  breaking: false,
  sql: `
CREATE TABLE access_key (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  digest      BLOB NOT NULL,     -- SHA-256 of the token; the token is kept nowhere
  scopes      TEXT NOT NULL,     -- JSON array
  domains     TEXT,              -- JSON array; NULL: all
  sandbox     INTEGER NOT NULL,
  per_minute  INTEGER,           -- NULL: the default of the configuration
  created_ms  INTEGER NOT NULL,
  revoked_ms  INTEGER
) STRICT, WITHOUT ROWID;
`,
};
