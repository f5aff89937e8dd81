import type { DatabaseSync } from 'node:sqlite';
import type { Download, DownloadStore } from '../../attachments/index.ts';
import { blobOf, numberOf, onlyRow, textOf, textOrNull } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

/** Files behind download links. */
export function downloadStore(db: DatabaseSync, writer: Writer): DownloadStore {
  const insert = db.prepare(
    `INSERT INTO download (digest, content, octets, filename, content_type, password, mail, domain, created_ms, expires_ms,
       allowed_octets, sent_octets) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = db.prepare('SELECT * FROM download WHERE digest = ?');
  const count = db.prepare(
    'UPDATE download SET sent_octets = sent_octets + ?1 WHERE digest = ?2 AND sent_octets + ?1 <= allowed_octets',
  );
  const stored = db.prepare(
    'SELECT coalesce(sum(octets), 0) AS octets FROM (SELECT DISTINCT content, octets FROM download)',
  );
  const needed = db.prepare('SELECT 1 FROM download WHERE content = ? LIMIT 1');
  const removeExpired = db.prepare('DELETE FROM download WHERE expires_ms < ? RETURNING content');
  const removeOf = db.prepare('DELETE FROM download WHERE mail = ? RETURNING content');
  const needs = (content: string): boolean => needed.get(content) !== undefined;
  const unneeded = (rows: readonly Row[]): readonly string[] =>
    [...new Set(rows.map((row) => textOf(row, 'content')))].filter((content) => !needs(content));
  return {
    add: (downloads) =>
      writer.write(() => {
        for (const each of downloads)
          insert.run(
            each.digest,
            each.content,
            each.octets,
            each.filename,
            each.contentType,
            each.password,
            each.mail,
            each.domain,
            each.createdMs,
            each.expiresMs,
            each.allowedOctets,
            each.sentOctets,
          );
      }),
    find(digest) {
      const row = find.get(digest);
      return row === undefined ? null : downloadOf(row);
    },
    count: (digest, octets) => writer.write(() => count.run(octets, digest).changes === 1),
    storedOctets: () => numberOf(onlyRow(stored.get()), 'octets'),
    needs,
    removeExpired: (beforeMs) => unneeded(writer.write(() => removeExpired.all(beforeMs))),
    removeOf: (mail) => unneeded(writer.write(() => removeOf.all(mail))),
  };
}

function downloadOf(row: Row): Download {
  return {
    digest: blobOf(row, 'digest'),
    content: textOf(row, 'content'),
    octets: numberOf(row, 'octets'),
    filename: textOf(row, 'filename'),
    contentType: textOf(row, 'content_type'),
    password: textOrNull(row, 'password'),
    mail: textOf(row, 'mail'),
    domain: textOf(row, 'domain'),
    createdMs: numberOf(row, 'created_ms'),
    expiresMs: numberOf(row, 'expires_ms'),
    allowedOctets: numberOf(row, 'allowed_octets'),
    sentOctets: numberOf(row, 'sent_octets'),
  };
}
