import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { DomainStore, StoredDomain } from '../../domains/index.ts';
import { numberOf, numberOrNull, onlyRow, textOf } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

const keys = z.array(
  z.object({ selector: z.string(), key: z.string(), algorithm: z.enum(['rsa-sha256', 'ed25519-sha256']) }),
);
const findings = z.array(
  z.object({
    name: z.string(),
    type: z.enum(['TXT', 'MX']),
    purpose: z.enum(['dkim', 'spf', 'dmarc', 'return-path']),
    state: z.enum(['found', 'missing', 'different', 'unknown']),
    found: z.array(z.string()),
  }),
);

/** Sending domains beside those of the configuration. */
export function domainStore(db: DatabaseSync, writer: Writer): DomainStore {
  const find = db.prepare('SELECT * FROM sending_domain WHERE name = ?');
  const list = db.prepare('SELECT * FROM sending_domain ORDER BY name');
  const add = db.prepare(
    `INSERT INTO sending_domain (name, return_path, dkim, created_ms, findings) VALUES (?, ?, ?, ?, '[]')
     ON CONFLICT DO NOTHING`,
  );
  const checked = db.prepare(
    `UPDATE sending_domain SET findings = ?2, checked_ms = ?3,
       verified_ms = CASE ?4 WHEN 1 THEN ?3 WHEN 0 THEN NULL ELSE verified_ms END WHERE name = ?1`,
  );
  const remove = db.prepare('DELETE FROM sending_domain WHERE name = ?');
  const change = db.prepare('UPDATE sending_domain_change SET changes = changes + 1');
  const changes = db.prepare('SELECT changes FROM sending_domain_change');
  const changing = (work: () => boolean): boolean =>
    writer.write(() => {
      const done = work();
      if (done) change.run();
      return done;
    });
  return {
    find(name) {
      const row = find.get(name);
      return row === undefined ? null : domainOf(row);
    },
    list: () => list.all().map(domainOf),
    add: ({ name, returnPath, dkim, createdMs }) =>
      changing(() => add.run(name, returnPath, JSON.stringify(dkim), createdMs).changes === 1),
    checked(name, found, { atMs, verified }) {
      const isVerified = verified === null ? null : Number(verified);
      changing(() => checked.run(name, JSON.stringify(found), atMs, isVerified).changes === 1);
    },
    remove: (name) => changing(() => remove.run(name).changes === 1),
    changes: () => numberOf(onlyRow(changes.get()), 'changes'),
  };
}

function domainOf(row: Row): StoredDomain {
  return {
    name: textOf(row, 'name'),
    returnPath: textOf(row, 'return_path'),
    dkim: keys.parse(JSON.parse(textOf(row, 'dkim'))),
    createdMs: numberOf(row, 'created_ms'),
    verifiedMs: numberOrNull(row, 'verified_ms'),
    checkedMs: numberOrNull(row, 'checked_ms'),
    findings: findings.parse(JSON.parse(textOf(row, 'findings'))),
  };
}
