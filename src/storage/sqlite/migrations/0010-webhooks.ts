import type { Migration } from './migration.ts';

/**
 * Not breaking: new tables, filled from what there is.
 *
 * The feed gives everything that happened one order. Triggers write it, so that whoever puts a fact on record, by
 * whatever statement, has put it into the feed in the same transaction: there is no second place that could forget it.
 * A row is some ten octets and points to the fact.
 */
export const webhooks: Migration = {
  number: 10,
  name: 'webhooks',
  breaking: false,
  sql: `
CREATE TABLE feed (
  seq   INTEGER PRIMARY KEY,
  what  TEXT NOT NULL,     -- a: message accepted; o: campaign opened, all its messages accepted; e: event; r: returned; u: unsubscribed
  ref   INTEGER NOT NULL,  -- message, first message, event.seq, returned.seq, message
  last  INTEGER,           -- o: last message
  aside INTEGER            -- o: the newest event of that moment; u: when, milliseconds since 1970
) STRICT;

-- What came back before the delivery it speaks of was settled: told behind it, or never.
CREATE TABLE feed_pending (
  message_id   INTEGER NOT NULL,
  returned_seq INTEGER NOT NULL,
  done         INTEGER NOT NULL,  -- 1: it was told, or is not to be told
  PRIMARY KEY (message_id, returned_seq)
) STRICT, WITHOUT ROWID;

-- What there is, in the order of time.
INSERT INTO feed (what, ref, last, aside)
  SELECT what, ref, last, aside FROM (
    SELECT 'o' AS what, first_id AS ref, last_id AS last, (SELECT max(seq) FROM event) AS aside, coalesce(opened_ms, created_ms) AS at_ms, 0 AS place
      FROM campaign WHERE state <> 'preparing' AND first_id IS NOT NULL
    UNION ALL
    SELECT 'e', event.seq, NULL, NULL, event.at_ms, event.seq FROM event
      JOIN message ON message.id = event.message_id
      JOIN campaign ON campaign.id = message.campaign_id AND campaign.state <> 'preparing'
      WHERE event.kind <> 'suppressed'
    UNION ALL
    SELECT 'r', seq, NULL, NULL, at_ms, seq FROM returned
      WHERE trusted = 1 AND message_id IS NOT NULL AND effect IS NOT 'pending' AND kind IN ('bounced-later', 'complained')
    UNION ALL
    SELECT 'u', CAST(substr(source, 9) AS INTEGER), NULL, at_ms, at_ms, 0 FROM suppression
      WHERE reason = 'unsubscribed' AND source LIKE 'message:%'
  ) ORDER BY at_ms, place;
INSERT INTO feed_pending SELECT message_id, seq, 0 FROM returned
  WHERE effect = 'pending' AND trusted = 1 AND message_id IS NOT NULL;

-- Messages of a campaign that is being prepared are accepted when it opens, all at once; others when they come.
CREATE TRIGGER feed_message AFTER INSERT ON message
  WHEN (SELECT state FROM campaign WHERE id = NEW.campaign_id) = 'open'
BEGIN
  INSERT INTO feed (what, ref) VALUES ('a', NEW.id);
END;
CREATE TRIGGER feed_campaign AFTER UPDATE OF state ON campaign
  WHEN OLD.state = 'preparing' AND NEW.state = 'open' AND NEW.first_id IS NOT NULL
BEGIN
  INSERT INTO feed (what, ref, last, aside) VALUES ('o', NEW.first_id, NEW.last_id, (SELECT max(seq) FROM event));
END;

-- Whoever is suppressed while a campaign is prepared is told with its opening. Two triggers, of which one fires (their
-- order is nobody's promise), take 2.5 us of CPU an event where one with all of it took 3.1; a commit without any: 4.2 us.
CREATE TRIGGER feed_event AFTER INSERT ON event
  WHEN (NEW.kind <> 'suppressed' OR EXISTS (SELECT 1 FROM message JOIN campaign ON campaign.id = message.campaign_id
      WHERE message.id = NEW.message_id AND campaign.state <> 'preparing'))
    AND NOT EXISTS (SELECT 1 FROM feed_pending WHERE message_id = NEW.message_id)
BEGIN
  INSERT INTO feed (what, ref) VALUES ('e', NEW.seq);
END;
CREATE TRIGGER feed_event_pending AFTER INSERT ON event
  WHEN EXISTS (SELECT 1 FROM feed_pending WHERE message_id = NEW.message_id)
BEGIN
  INSERT INTO feed (what, ref) VALUES ('e', NEW.seq);
  INSERT INTO feed (what, ref) SELECT 'r', returned.seq FROM feed_pending
    JOIN returned ON returned.seq = feed_pending.returned_seq AND returned.effect = 'turned'
    WHERE feed_pending.message_id = NEW.message_id AND feed_pending.done = 0;
  UPDATE feed_pending SET done = 1 WHERE message_id = NEW.message_id
    AND (SELECT effect FROM returned WHERE seq = returned_seq) IS NOT 'pending';
END;

-- Only what a seal of ours proves: anybody who knows a Message-ID can write the rest.
CREATE TRIGGER feed_returned AFTER INSERT ON returned
  WHEN NEW.trusted = 1 AND NEW.message_id IS NOT NULL AND NEW.effect IS NOT 'pending'
    AND NEW.kind IN ('bounced-later', 'complained')
BEGIN
  INSERT INTO feed (what, ref) VALUES ('r', NEW.seq);
END;
CREATE TRIGGER feed_returned_pending AFTER INSERT ON returned
  WHEN NEW.effect = 'pending' AND NEW.trusted = 1 AND NEW.message_id IS NOT NULL
BEGIN
  INSERT INTO feed_pending (message_id, returned_seq, done) VALUES (NEW.message_id, NEW.seq, 0);
END;
CREATE TRIGGER feed_unsubscribed AFTER INSERT ON suppression
  WHEN NEW.reason = 'unsubscribed' AND NEW.source LIKE 'message:%'
BEGIN
  INSERT INTO feed (what, ref, aside) VALUES ('u', CAST(substr(NEW.source, 9) AS INTEGER), NEW.at_ms);
END;

CREATE TABLE webhook (
  id          TEXT PRIMARY KEY,
  url         TEXT NOT NULL,
  description TEXT NOT NULL,
  types       TEXT,              -- JSON: array of words; NULL: all
  domains     TEXT,              -- JSON: array of names; NULL: all
  owner       TEXT,
  secrets     TEXT NOT NULL,     -- JSON: [[secret, until_ms or null]]; in the clear, since they sign
  created_ms  INTEGER NOT NULL,
  seq         INTEGER NOT NULL,  -- everything up to here is done, or in webhook_delivery
  within      INTEGER,           -- of the messages of a row 'o'; NULL: all of it
  because     TEXT,              -- why it is paused; NULL, as the rest: it is not
  said        TEXT,
  since_ms    INTEGER,
  until_ms    INTEGER,
  times       INTEGER
) STRICT, WITHOUT ROWID;

-- Events on their way to an endpoint; removed when they have arrived.
CREATE TABLE webhook_delivery (
  webhook_id TEXT NOT NULL REFERENCES webhook ON DELETE CASCADE,
  seq        INTEGER NOT NULL,
  within     INTEGER NOT NULL,  -- -1: the row is one event
  message_id INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  first_ms   INTEGER,
  due_ms     INTEGER NOT NULL,
  said       TEXT NOT NULL,
  dead       INTEGER NOT NULL,
  PRIMARY KEY (webhook_id, seq, within)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_dead ON webhook_delivery (webhook_id, seq, within) WHERE dead = 1;
`,
};
