import { ImapFlow } from 'imapflow';
import { StorageFull } from '../base/index.ts';
import { imapFailure } from './imap-failure.ts';
import type { ImapPlace } from './imap-failure.ts';
import { takeFrom } from './maildir.ts';
import type { MailboxParts } from './maildir.ts';

export type ImapAccess = ImapPlace & {
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly password: string;
  readonly doneFolder: string;
  /** PEM of all authorities to trust; null: those of Node. */
  readonly authorities: readonly string[] | null;
};

/** One open mailbox. */
export type ImapSession = {
  /** Takes all that is there: what was taken is moved to the done folder, the rest is marked and stays. */
  takeAll(): Promise<void>;
  /** Resolves when there is something new, or the connection ends. */
  changed(): Promise<void>;
  close(): Promise<void>;
};

// RFC 9051 §2.3.2: a keyword of our own on what we read and left for people, so that it is fetched once.
const seenKeyword = '$TodokuSeen';
// What is fetched before it is committed: as many mails as one commit takes, and no more memory than this.
const mailsAtOnce = 64;
const bytesAtOnce = 32_000_000;
const idleAfterMs = 500;
const goodbyeMs = 2_000;
// RFC 9051 §6.3.13 has clients renew IDLE every 29 minutes; firewalls forget sooner.
const renewIdleMs = 4 * 60_000;

/** Connects and opens the folder; rejects with an `AppError` that says what to do. */
export async function openImap(access: ImapAccess, parts: MailboxParts): Promise<ImapSession> {
  const client = new ImapFlow({
    host: access.host,
    port: access.port,
    secure: access.tls === 'implicit',
    doSTARTTLS: access.tls === 'starttls',
    auth: { user: access.user, pass: access.password },
    ...(access.authorities === null ? {} : { tls: { ca: [...access.authorities] } }),
    logger: false,
    autoIdleDelay: idleAfterMs,
    maxIdleTime: renewIdleMs,
    // A server is asked for no more than a mail; one that sends more is broken.
    maxLiteralSize: parts.messageBytes + 1_000_000,
    maxResponseSize: parts.messageBytes + 2_000_000,
    clientInfo: { name: 'todoku' },
  });
  const changes = changesOf(client);
  try {
    await client.connect();
    // Refused where it is there already.
    await client.mailboxCreate(access.doneFolder);
    await client.mailboxOpen(access.folder);
  } catch (error) {
    client.close();
    throw imapFailure(error, access);
  }
  const mailbox = new Mailbox(client, access, parts);
  return {
    takeAll: async () => {
      try {
        await mailbox.takeAll();
      } catch (error) {
        throw imapFailure(error, access);
      }
    },
    changed: changes,
    async close() {
      const over = Promise.withResolvers<void>();
      const timer = parts.clock.after(goodbyeMs, over.resolve);
      // A connection that is gone, or a server that has gone quiet, needs no goodbye.
      if (client.usable) await Promise.race([client.logout().catch(() => undefined), over.promise]);
      timer.cancel();
      client.close();
    },
  };
}

/** Remembers what happens between two calls: a mail that comes while another is taken is not missed. */
function changesOf(client: ImapFlow): () => Promise<void> {
  let isChanged = false;
  let wake: (() => void) | null = null;
  const change = (): void => {
    isChanged = true;
    wake?.();
  };
  client.on('exists', change);
  client.on('close', change);
  // It closes then, and whoever waits for a command of his hears of it there.
  client.on('error', change);
  return async () => {
    if (!isChanged) await new Promise<void>((resolve) => (wake = resolve));
    isChanged = false;
    wake = null;
  };
}

type Fetched = { readonly uid: number; readonly mail: Uint8Array };

class Mailbox {
  readonly #client: ImapFlow;
  readonly #access: ImapAccess;
  readonly #parts: MailboxParts;
  /** Left for people, where the server keeps no keywords: of this connection, and so of one UIDVALIDITY. */
  readonly #left = new Set<number>();
  /** Of this round: one mail that cannot be taken must not keep the next ones waiting for ever. */
  #faults: unknown[] = [];

  constructor(client: ImapFlow, access: ImapAccess, parts: MailboxParts) {
    this.#client = client;
    this.#access = access;
    this.#parts = parts;
  }

  async takeAll(): Promise<void> {
    const found = await this.#client.search({ unKeyword: seenKeyword, deleted: false }, { uid: true });
    // imapflow answers false or nothing where a command could not be carried out, also when the connection is gone.
    if (!Array.isArray(found)) throw refused('SEARCH');
    const uids = found.filter((uid) => !this.#left.has(uid));
    this.#faults = [];
    for (let from = 0; from < uids.length && !this.#parts.signal.aborted; from += mailsAtOnce)
      await this.#takeSome(uids.slice(from, from + mailsAtOnce));
    if (this.#faults.length > 0) throw this.#faults[0];
  }

  async #takeSome(uids: readonly number[]): Promise<void> {
    const sizes = await this.#client.fetchAll(uids.join(','), { uid: true, size: true }, { uid: true });
    let fetched: Fetched[] = [];
    let bytes = 0;
    for (const { uid, size = 0 } of sizes) {
      if (size > this.#parts.messageBytes) {
        this.#parts.onSkipped(
          `${this.#access.user}@${this.#access.host}/${this.#access.folder} UID ${uid}`,
          'too-large',
        );
        await this.#leave([uid]);
        continue;
      }
      const message = await this.#client.fetchOne(String(uid), { source: true }, { uid: true });
      // Moved or removed by a mail program since.
      if (message === false || message.source === undefined) continue;
      fetched.push({ uid, mail: message.source });
      bytes += message.source.length;
      if (bytes < bytesAtOnce) continue;
      await this.#settle(fetched);
      fetched = [];
      bytes = 0;
    }
    await this.#settle(fetched);
  }

  /** First durable, then moved: a crash in between takes a mail twice, and the same news twice is one. */
  async #settle(fetched: readonly Fetched[]): Promise<void> {
    const settled = await Promise.allSettled(fetched.map(({ mail }) => takeFrom('imap', mail, this.#parts)));
    const done: number[] = [];
    const left: number[] = [];
    for (const [index, { uid }] of fetched.entries()) {
      const end = settled[index];
      if (end?.status === 'fulfilled') (end.value === 'ignored' ? left : done).push(uid);
      else if (end !== undefined) this.#faults.push(end.reason);
    }
    const full = this.#faults.find((fault) => fault instanceof StorageFull);
    if (full !== undefined) throw full;
    if (done.length > 0) {
      const moved = await this.#client.messageMove(done.join(','), this.#access.doneFolder, { uid: true });
      if (moved === false) throw refused('MOVE');
    }
    await this.#leave(left);
  }

  async #leave(uids: readonly number[]): Promise<void> {
    if (uids.length === 0) return;
    const { mailbox } = this.#client;
    // RFC 9051 §7.1, PERMANENTFLAGS: `\*` means that new keywords are kept.
    const keepsKeywords = mailbox !== false && mailbox.permanentFlags?.has('\\*') === true;
    if (keepsKeywords) await this.#client.messageFlagsAdd(uids.join(','), [seenKeyword], { uid: true });
    else for (const uid of uids) this.#left.add(uid);
  }
}

function refused(command: string): Error {
  return Object.assign(new Error(`${command} was not carried out`), { code: 'Refused' });
}
