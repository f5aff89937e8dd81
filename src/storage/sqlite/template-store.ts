import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Template, TemplateStore } from '../../templates/index.ts';
import { cursorText, readCursorText } from './cursor.ts';
import { numberOf, onlyRow, textOf, textOrNull } from './row.ts';
import type { Row } from './row.ts';
import type { Writer } from './writer.ts';

const texts = z.record(z.string(), z.string());
const mostOnAPage = 1_000;

/** Templates that applications store. */
export function templateStore(db: DatabaseSync, writer: Writer): TemplateStore {
  const find = db.prepare('SELECT * FROM template WHERE name = ?');
  const list = db.prepare(
    `SELECT * FROM template
     WHERE name > ?1 AND (?2 IS NULL OR domain IS NULL OR domain IN (SELECT value FROM json_each(?2)))
     ORDER BY name LIMIT ?3`,
  );
  const put = db.prepare(
    `INSERT INTO template (name, domain, subject, html, mjml, text, defaults, created_ms, updated_ms, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 1)
     ON CONFLICT DO UPDATE SET domain = ?2, subject = ?3, html = ?4, mjml = ?5, text = ?6, defaults = ?7,
       updated_ms = ?8, version = version + 1
     RETURNING *`,
  );
  const remove = db.prepare('DELETE FROM template WHERE name = ?');
  return {
    find(name) {
      const row = find.get(name);
      return row === undefined ? null : templateOf(row);
    },
    list({ domains, cursor, limit }) {
      const [after = ''] = cursor === null ? [] : readCursorText(cursor, 'string');
      const size = Math.min(Math.max(1, Math.trunc(limit)), mostOnAPage);
      const items = list.all(after, domains === null ? null : JSON.stringify(domains), size).map(templateOf);
      const last = items.at(-1);
      return { items, next: last === undefined || items.length < size ? null : cursorText([last.name]) };
    },
    put({ name, domain, subject, html, mjml, text, defaults }, atMs) {
      const values = [name, domain, subject, html, mjml, text, JSON.stringify(defaults), atMs];
      return templateOf(onlyRow(writer.write(() => put.get(...values))));
    },
    remove: (name) => writer.write(() => remove.run(name).changes === 1),
  };
}

function templateOf(row: Row): Template {
  return {
    name: textOf(row, 'name'),
    domain: textOrNull(row, 'domain'),
    subject: textOf(row, 'subject'),
    html: textOrNull(row, 'html'),
    mjml: textOrNull(row, 'mjml'),
    text: textOrNull(row, 'text'),
    defaults: texts.parse(JSON.parse(textOf(row, 'defaults'))),
    createdMs: numberOf(row, 'created_ms'),
    updatedMs: numberOf(row, 'updated_ms'),
    version: numberOf(row, 'version'),
  };
}
