import type { ImapFlow } from 'imapflow';
import type { Finding } from '../findings/index.ts';
import { openFolder } from './imap-mailbox.ts';
import type { Folder } from './imap-mailbox.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import type { Service } from './services.ts';
import type { ActiveScript } from './sieve-client.ts';
import { effectsOn } from './sieve-rules.ts';
import type { RuleEffect } from './sieve-rules.ts';

export type SenderQuestion = {
  readonly client: ImapFlow;
  readonly service: Service;
  readonly folders: readonly Folder[];
  /** Address, `@domain`, or a part of either. */
  readonly sender: string;
  /** The filter in force, where the server lets it be read. */
  readonly script: ActiveScript | null;
  /** No folder is begun after that, by the monotonic clock. */
  readonly untilMs: number;
};

/** Mail of the sender in one folder. */
type Place = {
  readonly folder: Folder;
  readonly count: number;
  /** How many of them are marked as deleted, and will go when the folder is compacted. */
  readonly deleted: number;
  readonly newest: string;
};

/** Where the mail of a sender is, folder by folder, and which rule puts it there. */
export async function findSender(question: SenderQuestion, tools: MailboxTools): Promise<readonly Finding[]> {
  const { service, sender, script } = question;
  const tell = tellOf(service, tools);
  const places: Place[] = [];
  let looked = 0;
  for (const folder of question.folders) {
    if (tools.clock.monotonic() >= question.untilMs) break;
    const isKnown = folder.role === 'all' && places.length > 0;
    const place = folder.messages === 0 || isKnown ? null : await lookInto(folder, question);
    if (place !== null) places.push(place);
    looked += 1;
  }
  const left = question.folders.length - looked;
  const effects = script === null ? [] : (effectsOn(sender, script.text) ?? []);
  const findings = places.map((place) => placed(place, { sender, effects, script, tell }));
  if (left > 0)
    findings.push(tell('sender-search-unfinished', `${looked}/${question.folders.length}`, { sender, left }));
  else if (places.length === 0) findings.push(...nowhere(question, effects, tell));
  return findings;
}

async function lookInto(folder: Folder, { client, sender }: SenderQuestion): Promise<Place | null> {
  // EXAMINE: looking changes nothing, not even what is new (RFC 9051 §6.3.3).
  if (!(await openFolder(client, folder.path, true))) return null;
  const found = await client.search({ from: sender }, { uid: true });
  if (!Array.isArray(found) || found.length === 0) return null;
  const gone = await client.search({ from: sender, deleted: true }, { uid: true });
  const last = await client.fetchOne(
    String(found.at(-1)),
    { internalDate: true, envelope: true },
    { uid: true },
  );
  const date = last === false ? undefined : last.internalDate;
  const newest = date === undefined ? '' : new Date(date).toISOString();
  return { folder, count: found.length, deleted: Array.isArray(gone) ? gone.length : 0, newest };
}

type Telling = {
  readonly sender: string;
  readonly effects: readonly RuleEffect[];
  readonly script: ActiveScript | null;
  readonly tell: ReturnType<typeof tellOf>;
};

const idOf: { readonly [Each in Folder['role']]: string } = {
  inbox: 'sender-in-inbox',
  junk: 'sender-in-junk',
  trash: 'sender-in-trash',
  other: 'sender-in-folder',
  all: 'sender-in-folder',
};

function placed(
  { folder, count, deleted, newest }: Place,
  { sender, effects, script, tell }: Telling,
): Finding {
  const evidence = `${folder.path}: ${count}, ${newest}${deleted > 0 ? `, \\Deleted: ${deleted}` : ''}`;
  const values = { sender, folder: folder.path, count, script: script?.name ?? '' };
  const rule = effects.find(({ action, to }) => action === 'fileinto' && sameFolder(to, folder.path));
  if (rule !== undefined)
    return tell('sender-by-rule', `${evidence}\n${script?.name}: fileinto "${rule.to}"`, values);
  if (deleted === count) return tell('sender-deleted', evidence, values);
  return tell(idOf[folder.role], evidence, values);
}

/** A script names folders with its own separator and without the server's prefix. */
function sameFolder(one: string, other: string): boolean {
  const plain = (path: string): string =>
    path
      .toLowerCase()
      .replaceAll(/[./]/g, '/')
      .replace(/^inbox\//, '');
  return plain(one) === plain(other);
}

function nowhere(
  { sender, script }: SenderQuestion,
  effects: readonly RuleEffect[],
  tell: Telling['tell'],
): readonly Finding[] {
  const rule = effects.find(({ action }) => action !== 'fileinto');
  if (rule === undefined) return [tell('sender-not-there', sender, { sender })];
  const values = { sender, script: script?.name ?? '', to: rule.to };
  const evidence = `${script?.name}: ${rule.action} ${rule.to}`;
  return [tell(rule.action === 'redirect' ? 'rule-redirects' : 'rule-drops', evidence, values)];
}
