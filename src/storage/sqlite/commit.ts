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

  /** false when the message is final already, and nothing is written. */
  const settle = ({ event, next }: Settlement): boolean => {
    if (next.state !== 'waiting') {
      const end = pending.endOf(event, next.state);
      if (!writer.settle(event.messageId, end, event.atMs)) return false;
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
      if (!settle(settlement)) counts.dropped += 1;
      else if (settlement.next.state !== 'waiting') counts.settled += 1;
    }
    return counts;
  };

  return (settlements, holds, releases) => {
    const { dropped, settled } = writer.write(() => {
      const counts = writeAll(settlements);
      for (const path of releases) release.run(...pathKey(path));
      for (const path of holds) hold.run(...pathKey(path), path.because, path.detail, path.untilMs);
      return counts;
    });
    waiting.settled(settled);
    return { dropped };
  };
}

function pathKey({ site, source, domain }: PathHold): [string, string, string] {
  return [site, source ?? '', domain];
}
