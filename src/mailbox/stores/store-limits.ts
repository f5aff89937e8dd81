import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** Kinds that are told apart; an Outlook file is one of two by its header. */
export type StoreForm = 'dbx' | 'pst-ansi' | 'pst-unicode' | 'mbox' | 'maildir' | 'emlx';

const bilingual = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });

const limit = z.strictObject({
  name: bilingual,
  nearBytes: z.int().positive().optional(),
  mostBytes: z.int().positive().optional(),
  mostMessages: z.int().positive().optional(),
  cure: bilingual,
  source: z.array(z.string().min(1)).min(1),
});

const limitsFile = z.strictObject({
  stores: z.strictObject({
    dbx: limit,
    'pst-ansi': limit,
    'pst-unicode': limit,
    mbox: limit,
    maildir: limit,
    emlx: limit,
  }),
});

export type StoreLimit = z.output<typeof limit>;
export type StoreLimits = { readonly [Form in StoreForm]: StoreLimit };

/** Reads `mail-stores.yaml` of a knowledge folder. */
export function loadStoreLimits(folder: string): StoreLimits {
  const read = limitsFile.safeParse(parse(readFileSync(join(folder, 'mail-stores.yaml'), 'utf8')));
  if (!read.success) throw new Error(`knowledge/mail-stores.yaml: ${z.prettifyError(read.error)}`);
  return read.data.stores;
}
