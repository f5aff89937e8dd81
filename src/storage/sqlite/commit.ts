import type { MessageEvent } from '../../events/index.ts';
import type { DeliveryStore, PathHold, Settlement } from '../../delivery/index.ts';
import type { WritingParts } from './writing-parts.ts';

/** `DeliveryStore.commit`: some 500 settlements and the holds that go with them, on the disk when it returns. */
export function commit({ db, writer, waiting, suppressor, pending }: WritingParts): DeliveryStore['commit'] {
  const isSettled = db.prepare('SELECT 1 FROM settled WHERE message_id = ?');
  const wait = db.prepare(
    `INSERT INTO waiting (message_id, because, until_ms, attempts, unknowns) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET because = excluded.because, until_ms = excluded.until_ms,
       attempts = excluded.attempts, unknowns = excluded.unknowns`,
  );
  const stopWaiting = db.prepare('DELETE FROM waiting WHERE message_id = ?');
  const hold = db.prepare(
    `INSERT INTO path_hold (site, source, domain, because, detail, until_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET because = excluded.because, detail = excluded.detail, until_ms = excluded.until_ms`,
  );
  const release = db.prepare('DELETE FROM path_hold WHERE site = ? AND source = ? AND domain = ?');

  const count = db.prepare(
    `INSERT INTO source_day (day, source, provider, messages, bad) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, bad = bad + excluded.bad`,
  );

  // It was cancelled while it was under way, and the receiver has taken it: the record says what happened.
  const turn = db.prepare(
    `UPDATE settled SET state = 'delivered', at_ms = ? WHERE message_id = ? AND state = 'cancelled'`,
  );
  const leftAnyway = (event: MessageEvent): boolean => {
    if (turn.run(event.atMs, event.messageId).changes !== 1) return false;
    writer.addEvent(event);
    turnedRound += 1;
    return true;
  };
  let turnedRound = 0;

  /** false when the message is final already, and nothing is written. */
  const settle = ({ event, next }: Settlement): boolean => {
    if (next.state !== 'waiting') {
      const end = pending.endOf(event, next.state);
      if (!writer.settle(event.messageId, end, event.atMs)) return end === 'delivered' && leftAnyway(event);
      stopWaiting.run(event.messageId);
      suppressor.afterEnd(event, end, writer.addEvent(event));
    } else {
      if (isSettled.get(event.messageId) !== undefined) return false;
      const { because, untilMs } = next.waiting;
      wait.run(event.messageId, because, untilMs, next.attempts, next.unknowns);
      writer.addEvent(event);
    }
    return true;
  };

  const writeAll = (settlements: readonly Settlement[]): { dropped: number; settled: number } => {
    const counts = { dropped: 0, settled: 0 };
    for (const settlement of settlements) {
      const { sourceDay } = settlement;
      // Counted also when it was dropped: the provider has seen it.
      if (sourceDay !== undefined)
        count.run(sourceDay.day, sourceDay.source, sourceDay.provider, sourceDay.messages, sourceDay.bad);
      if (!settle(settlement)) counts.dropped += 1;
      else if (settlement.next.state !== 'waiting') counts.settled += 1;
    }
    return counts;
  };

  return (settlements, holds, releases) => {
    turnedRound = 0;
    const { dropped, settled } = writer.write(() => {
      const counts = writeAll(settlements);
      for (const path of releases) release.run(...pathKey(path));
      for (const path of holds) hold.run(...pathKey(path), path.because, path.detail, path.untilMs);
      return counts;
    });
    // What was cancelled does not wait any more: it was counted then.
    waiting.settled(settled - turnedRound);
    return { dropped };
  };
}

function pathKey({ site, source, domain }: PathHold): [string, string, string] {
  return [site, source ?? '', domain];
}
