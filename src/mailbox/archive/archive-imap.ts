import { createHash } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import type { FetchMessageObject } from 'imapflow';
import { yearOfHeader, yearOfMoment } from '../stores/mail-date.ts';
import { maildirParts } from '../stores/maildir-scan.ts';
import { archiveFailure, copyDiffers, imapRefused, noRoom } from './archive-fault.ts';
import { createTally, octetsOf, plannedMessages, plannedOctets } from './archive-request.ts';
import type { ArchivePlan, ArchiveRequest, ArchiveResult, ArchiveWatch } from './archive-request.ts';
import { makeFolder, syncFolder } from './durable.ts';

/** A mailbox on a server. The password is kept nowhere. */
export type ImapSource = {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls';
  readonly user: string;
  readonly password: string;
  readonly folder: string;
  /** PEM of all authorities to trust; null: those of Node. */
  readonly authorities: readonly string[] | null;
};

// So many are taken away in one command: lines of servers are bounded (RFC 9051 §4.3 leaves it to them; 8,000 octets are common).
const removesAtOnce = 100;
const spareOctets = 100_000_000;

/** Old mail of one IMAP folder into a Maildir for each year. What an earlier run copied is compared and not fetched into a second file. */
export async function archiveImap(
  request: Omit<ArchiveRequest, 'source'> & { readonly source: ImapSource },
  watch: ArchiveWatch,
): Promise<ArchiveResult> {
  const { source } = request;
  const client = connectionTo(source);
  const stop = (): void => client.close();
  watch.signal.addEventListener('abort', stop);
  try {
    await client.connect();
    const { uidValidity } = await client.mailboxOpen(source.folder, { readOnly: !request.removes });
    const { plan, old } = await planImap(client, request.before, watch);
    watch.planned(plan);
    const name = `imap://${source.user}@${source.host}/${source.folder}`;
    const result = { source: name, to: request.to, dryRun: request.dryRun, plan };
    if (request.dryRun) return { ...result, copied: 0, verified: 0, removed: 0 };
    await makeFolder(request.to);
    const need = plannedOctets(plan) + spareOctets;
    const free = await watch.freeBytes(request.to);
    if (free < need) throw noRoom(request.to, need, free);
    const archive = new ImapArchive({ client, watch, to: request.to, tag: `V${uidValidity}.${source.host}` });
    return { ...result, ...(await archive.run(old, { plan, removes: request.removes })) };
  } catch (error) {
    throw archiveFailure(imapRefused(error, `${source.user}@${source.host}:${source.port}`), watch.signal);
  } finally {
    watch.signal.removeEventListener('abort', stop);
    client.close();
  }
}

function connectionTo({ host, port, tls, user, password, authorities }: ImapSource): ImapFlow {
  const client = new ImapFlow({
    host,
    port,
    secure: tls === 'implicit',
    doSTARTTLS: tls === 'starttls',
    auth: { user, pass: password },
    ...(authorities === null ? {} : { tls: { ca: [...authorities] } }),
    // The library's log would carry what people have in their mailboxes.
    logger: false,
    disableAutoIdle: true,
    clientInfo: { name: 'Todoku' },
  });
  // A connection that ends is told by the command that waits for it.
  client.on('error', () => client.close());
  return client;
}

type OldMail = {
  readonly uid: number;
  readonly year: number;
  readonly seconds: number;
  readonly flags: string;
};

async function planImap(
  client: ImapFlow,
  before: number,
  watch: ArchiveWatch,
): Promise<{ readonly plan: ArchivePlan; readonly old: readonly OldMail[] }> {
  const tally = createTally();
  const old: OldMail[] = [];
  const bounds = { lastYear: watch.thisYear + 1 };
  let seen = 0;
  if (client.mailbox === false || client.mailbox.exists === 0) return { plan: tally.plan(), old };
  const query = { uid: true, size: true, internalDate: true, flags: true, headers: ['date'] };
  for await (const message of client.fetch('1:*', query)) {
    const moment = new Date(message.internalDate ?? 0).getTime();
    const year = yearOfHeader(message.headers ?? Buffer.alloc(0), bounds) ?? yearOfMoment(moment, bounds);
    tally.add(year, message.size ?? 0, before);
    seen += 1;
    watch.progress('plan', seen, client.mailbox.exists);
    if (year === null || year >= before) continue;
    old.push({ uid: message.uid, year, seconds: Math.floor(moment / 1_000), flags: flagsOf(message) });
  }
  return { plan: tally.plan(), old };
}

/** maildir(5): the letters of flags, in the order of ASCII. */
function flagsOf({ flags = new Set() }: FetchMessageObject): string {
  const letters = [
    ['D', '\\Draft'],
    ['F', '\\Flagged'],
    ['R', '\\Answered'],
    ['S', '\\Seen'],
  ] as const;
  return letters.flatMap(([letter, flag]) => (flags.has(flag) ? [letter] : [])).join('');
}

type ImapParts = {
  readonly client: ImapFlow;
  readonly watch: ArchiveWatch;
  readonly to: string;
  /** Which mailbox of which server: a UID alone is not unique (RFC 9051 §2.3.1.1). */
  readonly tag: string;
};

class ImapArchive {
  readonly #parts: ImapParts;
  /** Names that are in the archive, by year and by what stands before the flags. */
  readonly #there = new Map<string, string>();

  constructor(parts: ImapParts) {
    this.#parts = parts;
  }

  async run(
    old: readonly OldMail[],
    { plan, removes }: { readonly plan: ArchivePlan; readonly removes: boolean },
  ): Promise<Pick<ArchiveResult, 'copied' | 'verified' | 'removed'>> {
    const { to, watch } = this.#parts;
    for (const { year } of plan.years) {
      for (const part of maildirParts) await makeFolder(join(to, String(year), part));
      for (const name of await readdir(join(to, String(year), 'cur')))
        this.#there.set(`${year}/${name.replace(/:2,.*$/, '')}`, name);
    }
    const count = { copied: 0, verified: 0, removed: 0 };
    for (let from = 0; from < old.length; from += removesAtOnce) {
      const some = old.slice(from, from + removesAtOnce);
      const done: OldMail[] = [];
      for (const mail of some) {
        watch.signal.throwIfAborted();
        const copy = await this.#copy(mail);
        if (copy !== 'gone') done.push(mail);
        if (copy === 'new') count.copied += 1;
        watch.progress('copy', from + done.length, plannedMessages(plan));
      }
      count.verified += done.length;
      for (const year of new Set(done.map((mail) => mail.year)))
        await syncFolder(join(to, String(year), 'cur'));
      if (removes) count.removed += await this.#remove(done);
    }
    return count;
  }

  async #copy({ uid, year, seconds, flags }: OldMail): Promise<'new' | 'known' | 'gone'> {
    const { client, to, tag } = this.#parts;
    const base = `${seconds}.U${uid}${tag}`;
    const folder = join(to, String(year));
    const half = join(folder, 'tmp', base);
    const wanted = await this.#fetchInto(half, uid);
    if (wanted === null) {
      await rm(half, { force: true });
      if (client.usable) return 'gone';
      throw Object.assign(new Error('the connection ended'), { code: 'NoConnection' });
    }
    if ((await digestOf(half)) !== wanted) throw copyDiffers(half);
    const known = this.#there.get(`${year}/${base}`);
    if (known !== undefined && (await digestOf(join(folder, 'cur', known))) === wanted) {
      await rm(half);
      return 'known';
    }
    // Under that name lies what was damaged since: ours is whole, and both are kept.
    const name = known === undefined ? base : `${base}.${wanted.slice(0, 16)}`;
    await rename(half, join(folder, 'cur', `${name}:2,${flags}`));
    return 'new';
  }

  /** SHA-256 of what the server sent, which is in the file then; null: the message is gone. */
  async #fetchInto(path: string, uid: number): Promise<string | null> {
    const found = await this.#parts.client.download(String(uid), undefined, { uid: true });
    // imapflow answers with nothing for a message that is not there.
    if (!found?.content) return null;
    const hash = createHash('sha256');
    const target = await open(path, 'w', 0o600);
    try {
      let octets = 0;
      for await (const piece of found.content as AsyncIterable<Buffer>) {
        // imapflow's stream is one of octets
        hash.update(piece);
        await target.writeFile(piece);
        octets += piece.length;
      }
      await target.sync();
      const { size } = await this.#sizeOf(uid);
      return octets === size ? hash.digest('hex') : null;
    } finally {
      await target.close();
    }
  }

  async #sizeOf(uid: number): Promise<{ readonly size: number | null }> {
    const found = await this.#parts.client.fetchOne(String(uid), { size: true }, { uid: true });
    return { size: found === false ? null : (found.size ?? null) };
  }

  /** RFC 4315 (UIDPLUS): only what we name is expunged. Without it, all that is marked would be, also by others: then it is marked, no more. */
  async #remove(mails: readonly OldMail[]): Promise<number> {
    if (mails.length === 0) return 0;
    const { client } = this.#parts;
    const uids = mails.map(({ uid }) => uid).join(',');
    const canName = client.capabilities.has('UIDPLUS');
    const isDone = canName
      ? await client.messageDelete(uids, { uid: true })
      : await client.messageFlagsAdd(uids, ['\\Deleted'], { uid: true });
    return isDone ? mails.length : 0;
  }
}

async function digestOf(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    for await (const piece of octetsOf(handle, 0, (await handle.stat()).size)) hash.update(piece);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
