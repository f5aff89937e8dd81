import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type {
  Position,
  TakenEvents,
  Webhook,
  WebhookDelivery,
  WebhookPause,
  WebhookProgress,
  WebhookSecret,
  WebhookStore,
} from '../../webhooks/index.ts';
import { isEventType } from '../../webhooks/index.ts';
import { numberOf, numberOrNull, onlyRow, textOf, textOrNull, wordOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

/** Webhooks, and the events on their way to them. */
export function webhookStore(db: DatabaseSync, writer: Writer): WebhookStore {
  const insert = db.prepare('INSERT INTO webhook VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const list = db.prepare('SELECT * FROM webhook ORDER BY created_ms, id');
  const find = db.prepare('SELECT * FROM webhook WHERE id = ?');
  const change = db.prepare(
    'UPDATE webhook SET url = ?, description = ?, types = ?, domains = ?, secrets = ? WHERE id = ?',
  );
  const remove = db.prepare('DELETE FROM webhook WHERE id = ?');
  const waiting = db.prepare(
    'SELECT * FROM webhook_delivery WHERE webhook_id = ? AND dead = 0 ORDER BY seq, within',
  );
  const counts = db.prepare(
    'SELECT coalesce(sum(dead = 0), 0) AS waiting, coalesce(sum(dead), 0) AS dead FROM webhook_delivery WHERE webhook_id = ?',
  );
  const dead = db.prepare(
    'SELECT * FROM webhook_delivery WHERE webhook_id = ? AND dead = 1 ORDER BY seq DESC, within DESC LIMIT ?',
  );
  const revive = db.prepare(
    `UPDATE webhook_delivery SET dead = 0, attempts = 0, first_ms = NULL, due_ms = 0 WHERE webhook_id = ? AND dead = 1`,
  );
  const rewind = db.prepare('UPDATE webhook SET seq = ?, within = ? WHERE id = ?');
  const resume = db.prepare(
    'UPDATE webhook SET because = NULL, said = NULL, since_ms = NULL, until_ms = NULL, times = NULL WHERE id = ? AND because IS NOT NULL',
  );
  const step = progressWriter(db);
  let version = 0;
  /** A change by people. */
  const changed = <T>(work: () => T): T => {
    const result = writer.write(work);
    version += 1;
    return result;
  };
  const findOne = (id: string): Webhook | null => {
    const row = find.get(id);
    return row === undefined ? null : webhookOf(row);
  };
  return {
    get version() {
      return version;
    },
    add: (webhook) => void changed(() => insert.run(...parametersOf(webhook))),
    list: () => list.all().map(webhookOf),
    find: findOne,
    change: (id, to) =>
      changed(() => {
        const known = findOne(id);
        if (known === null) return false;
        const { url, description, types, domains, secrets } = { ...known, ...to };
        change.run(url, description, jsonOrNull(types), jsonOrNull(domains), secretsText(secrets), id);
        return true;
      }),
    remove: (id) => changed(() => remove.run(id).changes === 1),
    progress: (steps) => writer.write(() => steps.forEach(step)),
    waiting: (id) => waiting.all(id).map(deliveryOf),
    counts(id) {
      const row = onlyRow(counts.get(id));
      return { waiting: numberOf(row, 'waiting'), dead: numberOf(row, 'dead') };
    },
    dead: (id, limit) => dead.all(id, limit).map(deliveryOf),
    revive: (id) => changed(() => Number(revive.run(id).changes)),
    rewind: (id, { seq, within }) => changed(() => rewind.run(seq, within, id).changes === 1),
    resume: (id) => changed(() => resume.run(id).changes === 1),
  };
}

function progressWriter(db: DatabaseSync): (progress: WebhookProgress) => void {
  const exists = db.prepare('SELECT 1 FROM webhook WHERE id = ?');
  const take = db.prepare(
    `INSERT INTO webhook_delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET dead = 0,
       due_ms = excluded.due_ms, attempts = 0, first_ms = NULL WHERE dead = 1`,
  );
  const keep = db.prepare(
    `UPDATE webhook_delivery SET attempts = ?, first_ms = ?, due_ms = ?, said = ?, dead = ?
     WHERE webhook_id = ? AND seq = ? AND within = ?`,
  );
  const done = db.prepare('DELETE FROM webhook_delivery WHERE webhook_id = ? AND seq = ? AND within = ?');
  const move = db.prepare('UPDATE webhook SET seq = ?, within = ? WHERE id = ? AND seq = ? AND within IS ?');
  const pause = db.prepare(
    'UPDATE webhook SET because = ?, said = ?, since_ms = ?, until_ms = ?, times = ? WHERE id = ?',
  );
  const put = (webhook: string, { from, to, deliveries }: TakenEvents): void => {
    if (move.run(to.seq, to.within, webhook, from.seq, from.within).changes === 0) return;
    for (const { position, messageId, attempts, firstMs, dueMs, said } of deliveries)
      take.run(webhook, position.seq, withinOf(position), messageId, attempts, firstMs, dueMs, said);
  };
  const mark = (webhook: string, each: WebhookDelivery, isDead: boolean): void => {
    const { attempts, firstMs, dueMs, said, position } = each;
    keep.run(attempts, firstMs, dueMs, said, Number(isDead), webhook, position.seq, withinOf(position));
  };
  return (progress) => {
    const { webhook, taken } = progress;
    if (exists.get(webhook) === undefined) return;
    if (taken !== null) put(webhook, taken);
    for (const position of progress.done) done.run(webhook, position.seq, withinOf(position));
    for (const each of progress.later) mark(webhook, each, false);
    for (const each of progress.dead) mark(webhook, each, true);
    if (progress.pause !== null)
      pause.run(...pauseParameters(progress.pause === 'none' ? null : progress.pause), webhook);
  };
}

// A row of one event has no message within; a key column cannot be NULL.
const alone = -1;

function withinOf({ within }: Position): number {
  return within ?? alone;
}

function deliveryOf(row: Row): WebhookDelivery {
  const within = numberOf(row, 'within');
  return {
    position: { seq: numberOf(row, 'seq'), within: within === alone ? null : within },
    messageId: numberOf(row, 'message_id'),
    attempts: numberOf(row, 'attempts'),
    firstMs: numberOrNull(row, 'first_ms'),
    dueMs: numberOf(row, 'due_ms'),
    said: textOf(row, 'said'),
  };
}

function parametersOf(webhook: Webhook): SQLInputValue[] {
  return [
    webhook.id,
    webhook.url,
    webhook.description,
    jsonOrNull(webhook.types),
    jsonOrNull(webhook.domains),
    webhook.owner,
    secretsText(webhook.secrets),
    webhook.createdMs,
    webhook.position.seq,
    webhook.position.within,
    ...pauseParameters(webhook.pause),
  ];
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

function secretsText(secrets: readonly WebhookSecret[]): string {
  return JSON.stringify(secrets.map(({ text, untilMs }) => [text, untilMs]));
}

function webhookOf(row: Row): Webhook {
  return {
    id: textOf(row, 'id'),
    url: textOf(row, 'url'),
    description: textOf(row, 'description'),
    types: listOf(row, 'types')?.filter(isEventType) ?? null,
    domains: listOf(row, 'domains'),
    owner: textOrNull(row, 'owner'),
    secrets: secretsOf(textOf(row, 'secrets')),
    createdMs: numberOf(row, 'created_ms'),
    pause: pauseOf(row),
    position: { seq: numberOf(row, 'seq'), within: numberOrNull(row, 'within') },
  };
}

function listOf(row: Row, column: string): readonly string[] | null {
  const text = textOrNull(row, column);
  const value: unknown = text === null ? null : JSON.parse(text);
  return Array.isArray(value) ? value.map(String) : null;
}

function secretsOf(text: string): readonly WebhookSecret[] {
  const value: unknown = JSON.parse(text);
  const pairs: readonly unknown[] = Array.isArray(value) ? value : [];
  return pairs.flatMap((pair) => {
    if (!Array.isArray(pair)) return [];
    const [secret, untilMs] = pair as readonly unknown[]; // what stands in it is asked below
    return typeof secret === 'string'
      ? [{ text: secret, untilMs: typeof untilMs === 'number' ? untilMs : null }]
      : [];
  });
}

const becauses = [
  'endpoint-failing',
  'endpoint-gone',
  'asked-to-wait',
] as const satisfies readonly WebhookPause['because'][];

function pauseParameters(pause: WebhookPause | null): SQLInputValue[] {
  if (pause === null) return [null, null, null, null, null];
  return [pause.because, pause.said, pause.sinceMs, pause.untilMs, pause.times];
}

function pauseOf(row: Row): WebhookPause | null {
  if (row['because'] === null) return null;
  return {
    because: wordOf(row, 'because', becauses),
    said: textOf(row, 'said'),
    sinceMs: numberOf(row, 'since_ms'),
    untilMs: numberOf(row, 'until_ms'),
    times: numberOf(row, 'times'),
  };
}
