import type { Migration } from './migration.ts';

/**
 * Not breaking: the first schema.
 *
 * Made for 1,000,000 recipients a campaign. Every state change is an insert at the end of a B-tree, never an update
 * of the message's row (half the write-ahead log, no rewriting of pages that hold the variables).
 */
export const firstCampaign: Migration = {
  number: 1,
  name: 'first-campaign',
  breaking: false,
  sql: `
CREATE TABLE campaign (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  state       TEXT NOT NULL CHECK (state IN ('preparing', 'open', 'finished', 'cancelled')),
  content     TEXT NOT NULL,               -- JSON
  domain      TEXT NOT NULL,
  created_ms  INTEGER NOT NULL,
  opened_ms   INTEGER,                     -- NULL while it is being prepared
  lifetime_ms INTEGER NOT NULL,
  columns     TEXT,                        -- JSON array: names of the variables, once for all its messages
  accepted    INTEGER NOT NULL DEFAULT 0,  -- counted while recipients are added; the ledger compares
  first_id    INTEGER,                     -- its messages lie between these ids; other campaigns' may lie among them
  last_id     INTEGER
) STRICT;
CREATE INDEX campaign_state ON campaign (state);

CREATE TABLE domain (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE message (
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  domain_id   INTEGER NOT NULL REFERENCES domain,
  address     TEXT NOT NULL,
  address_tag INTEGER NOT NULL,  -- address-tag.ts
  variables   TEXT NOT NULL      -- JSON: array in the order of campaign.columns, or an object where they differ
) STRICT;

-- Finds the messages to an address. Filled from address_tag when the campaign opens, in order: as an index on message
-- each recipient would dirty a page of its own, 4 GB of log for 1,000,000. No foreign key, since removing a message
-- would then search this table from end to end; who removes messages removes these rows.
CREATE TABLE message_address (
  tag        INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  PRIMARY KEY (tag, message_id)
) STRICT, WITHOUT ROWID;

-- A message without a row here is waiting.
CREATE TABLE settled (
  message_id INTEGER PRIMARY KEY REFERENCES message,
  state      TEXT NOT NULL,
  at_ms      INTEGER NOT NULL
) STRICT;

-- Only messages that were tried and deferred.
CREATE TABLE waiting (
  message_id INTEGER PRIMARY KEY REFERENCES message,
  because    TEXT NOT NULL,
  until_ms   INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  unknowns   INTEGER NOT NULL
) STRICT;

-- The two ends of an attempt, one row for each combination seen: 100 bytes less in every event.
CREATE TABLE peer (
  id           INTEGER PRIMARY KEY,
  host         TEXT,
  address      TEXT,
  source       TEXT,
  tls_version  TEXT,
  tls_cipher   TEXT,
  tls_verified INTEGER
) STRICT;
CREATE INDEX peer_host ON peer (host, address);

-- Append-only.
CREATE TABLE event (
  seq         INTEGER PRIMARY KEY,
  message_id  INTEGER NOT NULL REFERENCES message,
  at_ms       INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  outcome     TEXT,     -- NULL: no attempt was made, and so are the columns down to said
  scope       TEXT,
  stage       TEXT,
  peer_id     INTEGER REFERENCES peer,
  duration_ms REAL,
  reply_code  INTEGER,  -- of a remote outcome
  status      TEXT,
  cause       TEXT,     -- of a local outcome
  said        TEXT,     -- JSON: array of reply lines (remote) or one string (local); at most 1,000 characters
  verdict     TEXT,     -- what the knowledge base made of it at that time
  detail      TEXT,
  rule        TEXT,
  confidence  REAL NOT NULL
) STRICT;
CREATE INDEX event_message ON event (message_id);

CREATE TABLE path_hold (
  site     TEXT NOT NULL,
  source   TEXT NOT NULL,  -- '' where the system chooses
  domain   TEXT NOT NULL,
  because  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (site, source, domain)
) STRICT, WITHOUT ROWID;
CREATE INDEX path_hold_domain ON path_hold (domain);

CREATE TABLE suppression (
  key     TEXT NOT NULL,  -- suppressionKey(address)
  reason  TEXT NOT NULL,
  address TEXT NOT NULL,
  source  TEXT NOT NULL,
  at_ms   INTEGER NOT NULL,
  note    TEXT NOT NULL,
  PRIMARY KEY (key, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppression_removal (
  seq     INTEGER PRIMARY KEY,
  key     TEXT NOT NULL,
  address TEXT NOT NULL,
  reason  TEXT,
  because TEXT NOT NULL,
  source  TEXT NOT NULL,
  at_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX suppression_removal_key ON suppression_removal (key);
`,
};
