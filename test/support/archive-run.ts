import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 of each message of an mbox that was made by `mboxMail`, whatever wrote it since. */
export function mboxDigests(path: string): readonly string[] {
  const text = readFileSync(path, 'latin1');
  return text === '' ? [] : text.split(/(?<=\n\n)(?=From sender)/).map(digestOf);
}

/** SHA-256 of each mail in cur/ and new/. */
export function maildirDigests(folder: string): readonly string[] {
  return ['cur', 'new'].flatMap((part) => {
    const at = join(folder, part);
    if (!existsSync(at)) return [];
    return readdirSync(at).map((name) => digestOf(readFileSync(join(at, name), 'latin1')));
  });
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

/** The digests of what lies in the folders of the years. */
export function archivedDigests(to: string, form: 'mbox' | 'maildir'): readonly string[] {
  if (!existsSync(to)) return [];
  const years = readdirSync(to).filter((name) => /^\d{4}$/.test(name));
  return years.flatMap((year) => {
    if (form === 'maildir') return maildirDigests(join(to, year));
    return readdirSync(join(to, year)).flatMap((name) => mboxDigests(join(to, year, name)));
  });
}
