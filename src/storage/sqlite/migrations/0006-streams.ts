import type { Migration } from './migration.ts';

/** Not breaking: what exists is bulk mail without a window and without a submitter. */
export const streams: Migration = {
  number: 6,
  name: 'streams',
  breaking: false,
  sql: `
ALTER TABLE campaign ADD COLUMN stream TEXT CHECK (stream = 'transactional');  -- NULL: bulk
ALTER TABLE campaign ADD COLUMN sending_window TEXT;                           -- '09:00-20:00'; NULL: at any time
ALTER TABLE campaign ADD COLUMN timezone TEXT;                                 -- of recipients whose row does not say

-- Who handed a message over by SMTP, and what they want to hear of it (RFC 3461).
CREATE TABLE submission (
  message_id         INTEGER PRIMARY KEY REFERENCES message,
  submitter          TEXT NOT NULL,     -- where notices go: the reverse-path; '' where there is none
  envelope_id        TEXT,              -- ENVID
  original_recipient TEXT,              -- ORCPT, with its address type
  notify             TEXT NOT NULL,     -- words out of failure, delay, success; or never
  returns            TEXT NOT NULL CHECK (returns IN ('full', 'headers')),
  delay_told_ms      INTEGER            -- NULL: no delay was told
) STRICT;
`,
};
