import type { DatabaseSync } from 'node:sqlite';
import { scopes } from '../../access/index.ts';
import type { AccessKey, KeyStore } from '../../access/index.ts';
import { numberOf, numberOrNull, textOf, textOrNull } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

// As SHA-256 has it.
const digestBytes = 32;

/** Keys of applications. */
export function keyStore(db: DatabaseSync, writer: Writer): KeyStore {
  const insert = db.prepare(
    `INSERT INTO access_key (id, name, digest, scopes, domains, sandbox, per_minute, created_ms, revoked_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = db.prepare('SELECT * FROM access_key WHERE id = ?');
  const list = db.prepare('SELECT * FROM access_key ORDER BY id');
  const revoke = db.prepare('UPDATE access_key SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL');
  return {
    add(key, digest) {
      const { id, name, domains, sandbox, requestsPerMinute, createdMs, revokedMs } = key;
      const allowed = JSON.stringify(key.scopes);
      const ours = domains === null ? null : JSON.stringify(domains);
      writer.write(() =>
        insert.run(id, name, digest, allowed, ours, Number(sandbox), requestsPerMinute, createdMs, revokedMs),
      );
    },
    find(id) {
      const row = find.get(id);
      return row === undefined ? null : { key: keyOf(row), digest: digestOf(row) };
    },
    list: () => list.all().map(keyOf),
    revoke: (id, atMs) => writer.write(() => revoke.run(atMs, id).changes === 1),
  };
}

function keyOf(row: Row): AccessKey {
  const allowed = new Set(textsOf(textOf(row, 'scopes')));
  const domains = textOrNull(row, 'domains');
  return {
    id: textOf(row, 'id'),
    name: textOf(row, 'name'),
    scopes: scopes.filter((scope) => allowed.has(scope)),
    domains: domains === null ? null : textsOf(domains),
    sandbox: numberOf(row, 'sandbox') === 1,
    requestsPerMinute: numberOrNull(row, 'per_minute'),
    createdMs: numberOf(row, 'created_ms'),
    revokedMs: numberOrNull(row, 'revoked_ms'),
  };
}

function digestOf(row: Row): Buffer {
  const { digest } = row;
  if (digest instanceof Uint8Array && digest.length === digestBytes) return Buffer.from(digest);
  throw new Error('column digest holds no SHA-256');
}

function textsOf(json: string): readonly string[] {
  const parsed: unknown = JSON.parse(json);
  if (Array.isArray(parsed)) return parsed.map(String);
  throw new Error(`a column holds ${json}, not an array`);
}
