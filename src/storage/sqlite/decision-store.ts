import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { AttachmentDecision, DecisionStore } from '../../attachments/index.ts';
import { textOf } from './row.ts';
import type { Writer } from './writer.ts';

const decisions: z.ZodType<readonly AttachmentDecision[]> = z.array(
  z.object({
    recipients: z.array(z.number()),
    way: z.enum(['whole', 'links', 'split']),
    limitOctets: z.number(),
    rule: z.string(),
    files: z.array(
      z.object({
        filename: z.string(),
        octets: z.number(),
        part: z.object({ mail: z.string(), number: z.number(), of: z.number() }).nullable(),
      }),
    ),
    untilMs: z.number().nullable(),
  }),
);

/** How the files of mails got to their recipients. */
export function decisionStore(db: DatabaseSync, writer: Writer): DecisionStore {
  const put = db.prepare('INSERT OR REPLACE INTO attachment_decision (mail, decisions) VALUES (?, ?)');
  const find = db.prepare('SELECT decisions FROM attachment_decision WHERE mail = ?');
  const remove = db.prepare('DELETE FROM attachment_decision WHERE mail = ?');
  return {
    put(mail, made) {
      writer.write(() => put.run(mail, JSON.stringify(made)));
    },
    of(mail) {
      const row = find.get(mail);
      return row === undefined ? [] : decisions.parse(JSON.parse(textOf(row, 'decisions')));
    },
    remove(mail) {
      writer.write(() => remove.run(mail));
    },
  };
}
