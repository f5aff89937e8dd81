import { access, lstat, opendir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Finding } from '../../findings/index.ts';
import { readEmlx } from './emlx.ts';
import { grouped, limitFindings, orGood } from './examine-parts.ts';
import type { ExamineParts } from './examine-parts.ts';
import { maildirParts, scanMaildir } from './maildir-scan.ts';
import type { MaildirFile } from './maildir-scan.ts';
import { withStoreFile } from './store-file.ts';

// maildir(5): what lies in tmp/ for more than 36 hours was never delivered.
const forgottenMs = 36 * 3_600_000;
const mostNames = 10;

type Group = { count: number; readonly names: string[] };

function note(group: Group, name: string): void {
  group.count += 1;
  if (group.names.length < mostNames) group.names.push(name);
}

export async function examineMaildir(path: string, parts: ExamineParts): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const missing: string[] = [];
  for (const part of maildirParts) if (!(await isThere(join(path, part)))) missing.push(`${part}/`);
  const forgotten: Group = { count: 0, names: [] };
  const empty: Group = { count: 0, names: [] };
  const unnamed: Group = { count: 0, names: [] };
  let messages = 0;
  let octets = 0;
  const scan = {
    ...(parts.signal === undefined ? {} : { signal: parts.signal }),
    onProgress: (files: number) => parts.onProgress?.(path, files, null),
  };
  const count = ({ part, name, size, changedMs }: MaildirFile): void => {
    octets += size;
    if (part === 'tmp') {
      if (parts.nowMs - changedMs > forgottenMs) note(forgotten, `tmp/${name}`);
      return;
    }
    messages += 1;
    if (size === 0) note(empty, `${part}/${name}`);
    // maildir(5): a mail in cur/ has `:2,` and its flags; others use `;2,` or `!2,` where a colon may not be.
    if (part === 'cur' && !/[:;!]2,/.test(name)) note(unnamed, `cur/${name}`);
  };
  for await (const files of scanMaildir(path, maildirParts, scan)) for (const file of files) count(file);
  const tell = (id: string, group: Group): void => {
    if (group.count === 0) return;
    const values = { count: grouped(group.count) };
    found.push(parts.finding(id, { subject: path, evidence: group.names.join('\n'), values }));
  };
  const size = { octets, messages };
  found.push(...limitFindings(path, 'maildir', { size, parts }));
  if (missing.length > 0)
    found.push(parts.finding('store.maildir-incomplete', { subject: path, evidence: missing.join(' ') }));
  tell('store.maildir-forgotten', forgotten);
  tell('store.empty-messages', empty);
  tell('store.maildir-unnamed', unnamed);
  return orGood(path, 'maildir', { size, parts, found });
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Apple Mail: one file a message; all of a folder, or one. */
export async function examineEmlx(path: string, parts: ExamineParts): Promise<readonly Finding[]> {
  const damaged: Group = { count: 0, names: [] };
  let messages = 0;
  let octets = 0;
  let partial = 0;
  for await (const file of emlxFiles(path)) {
    parts.signal?.throwIfAborted();
    const { read, size } = await withStoreFile(file, async (open) => ({
      read: await readEmlx(open),
      size: open.size,
    }));
    messages += 1;
    octets += size;
    if (file.endsWith('.partial.emlx')) partial += 1;
    if (read !== 'whole') note(damaged, `${basename(file)}: ${read}`);
    parts.onProgress?.(path, messages, null);
  }
  const size = { octets, messages };
  const found: Finding[] = [...limitFindings(path, 'emlx', { size, parts })];
  const tell = (id: string, count: number, evidence: string): void => {
    if (count > 0)
      found.push(parts.finding(id, { subject: path, evidence, values: { count: grouped(count) } }));
  };
  tell('store.emlx-damaged', damaged.count, damaged.names.join('\n'));
  tell('store.emlx-partial', partial, `${grouped(partial)} .partial.emlx`);
  return orGood(path, 'emlx', { size, parts, found });
}

async function* emlxFiles(path: string): AsyncGenerator<string> {
  if (!(await lstat(path)).isDirectory()) yield path;
  else for await (const { name } of await opendir(path)) if (name.endsWith('.emlx')) yield join(path, name);
}
