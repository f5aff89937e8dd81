import { isIP } from 'node:net';
import { ImapFlow } from 'imapflow';
import type { ListResponse } from 'imapflow';
import type { Finding } from '../findings/index.ts';
import type { Account } from './account.ts';
import { loginRefused } from './login-reply.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import type { Service } from './services.ts';

export type ImapAccess = { readonly service: Service; readonly address: string };

/** Signs in by IMAP, or says why that fails. TLS was looked at before; it is proven again, since this is another connection. */
export async function signInToImap(
  { service, address }: ImapAccess,
  account: Account & { readonly password: string },
  tools: MailboxTools,
): Promise<ImapFlow | Finding> {
  const { limits, authorities } = tools.dialog;
  const client = new ImapFlow({
    host: address,
    // RFC 6066 §3: no address literals.
    ...(isIP(service.host) === 0 ? { servername: service.host } : {}),
    port: service.port,
    secure: service.tls === 'implicit',
    doSTARTTLS: service.tls === 'starttls',
    auth: { user: account.user, pass: account.password },
    tls: { minVersion: 'TLSv1.2', ...(authorities === null ? {} : { ca: [...authorities] }) },
    // The library's log would carry what people have in their mailboxes.
    logger: false,
    disableAutoIdle: true,
    clientInfo: { name: 'Todoku' },
    connectionTimeout: limits.connectMs,
    greetingTimeout: limits.replyMs,
    socketTimeout: silentMs,
    maxLiteralSize: 1_000_000,
  });
  // A connection that ends is told by the command that waits for it.
  client.on('error', () => client.close());
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.close();
    return refusedBy(error, service, { tools, account });
  }
}

// A search through a folder of many thousand messages takes servers this long.
const silentMs = 60_000;

type Signing = { readonly tools: MailboxTools; readonly account: Account };

function refusedBy(error: unknown, service: Service, { tools, account }: Signing): Finding {
  const tell = tellOf(service, tools);
  if (!(error instanceof Error)) throw error;
  const words = wordsOf(error);
  const said = [...new Set(words)].join(' ');
  if ('authenticationFailed' in error && error.authenticationFailed === true)
    return loginRefused(service, { said: said || error.message, policy: account.policy }, tools);
  return tell('answers-stop', `LOGIN: ${said || error.message}`);
}

/** What the server said, as the library keeps it. */
function wordsOf(error: Error): readonly string[] {
  return ['serverResponseCode', 'responseText', 'response', 'reason'].flatMap((name) => {
    const value: unknown = Reflect.get(error, name);
    if (typeof value !== 'string' || value === '') return [];
    return [name === 'serverResponseCode' ? `[${value}]` : value];
  });
}

/** What the library throws when a command is refused or the connection is gone, as a finding; faults of our own stay faults. */
export function imapFailure(error: unknown, service: Service, tools: MailboxTools): Finding {
  if (!(error instanceof Error) || !('code' in error || 'responseStatus' in error)) throw error;
  return tellOf(service, tools)('answers-stop', `${wordsOf(error).join(' ')} ${error.message}`.trim());
}

/** Opens a folder; false: the server does not let it be opened, which listed folders sometimes are (RFC 9051 §6.3.2). */
export async function openFolder(client: ImapFlow, path: string, readOnly: boolean): Promise<boolean> {
  try {
    await client.mailboxOpen(path, { readOnly });
    return true;
  } catch (error) {
    if (error instanceof Error && 'responseStatus' in error && error.responseStatus === 'NO') return false;
    throw error;
  }
}

/** A folder as people know it. */
export type Folder = {
  readonly path: string;
  /** `all`: shows what lies elsewhere once more (RFC 6154 §2), as Gmail's All Mail does. */
  readonly role: 'inbox' | 'junk' | 'trash' | 'other' | 'all';
  readonly messages: number;
  /** Octets; null: the server does not count them (RFC 8438). */
  readonly size: number | null;
};

// More folders than anybody has; the rest is not looked at.
const mostFolders = 1_000;

/** The folders that messages can lie in, with their sizes; INBOX, junk and trash first. */
export async function foldersOf(client: ImapFlow, tools: MailboxTools): Promise<readonly Folder[]> {
  const listed = await client.list({ statusQuery: { messages: true, size: true } });
  const order: readonly Folder['role'][] = ['inbox', 'junk', 'trash', 'other', 'all'];
  return listed
    .filter(({ flags }) => !flags.has('\\Noselect') && !flags.has('\\NonExistent'))
    .slice(0, mostFolders)
    .map((entry) => ({
      path: entry.path,
      role: roleOf(entry, tools),
      messages: entry.status?.messages ?? 0,
      size: entry.status?.size ?? null,
    }))
    .toSorted((one, other) => order.indexOf(one.role) - order.indexOf(other.role));
}

// RFC 6154 §2, RFC 8457: folders of messages that are kept in another one.
const repeating = ['\\All', '\\Flagged', '\\Important'];

function roleOf(entry: ListResponse, { facts }: MailboxTools): Folder['role'] {
  const path = entry.path.toLowerCase();
  const name = entry.name.toLowerCase();
  if (path === 'inbox') return 'inbox';
  if (
    entry.specialUse === '\\Junk' ||
    entry.flags.has('\\Junk') ||
    facts.junkNames.some((each) => each === name || each === path)
  )
    return 'junk';
  if (repeating.some((flag) => entry.flags.has(flag))) return 'all';
  const isTrash = facts.trashNames.some((each) => each === name || each === path);
  return entry.specialUse === '\\Trash' || isTrash ? 'trash' : 'other';
}

// Providers warn from 90 % on; from 99 % on the next mail of any size is refused.
const nearlyFull = 0.9;
const full = 0.99;

/** What of the mailbox is near its limits: the quota (RFC 9208), the size of folders. */
export async function lookIntoImap(
  {
    client,
    service,
    folders,
    provider,
  }: {
    readonly client: ImapFlow;
    readonly service: Service;
    readonly folders: readonly Folder[];
    readonly provider: string | null;
  },
  tools: MailboxTools,
): Promise<readonly Finding[]> {
  const tell = tellOf(service, tools);
  const { limits } = tools.facts;
  const findings: Finding[] = [];
  const quota = client.capabilities.has('QUOTA') ? await client.getQuota('INBOX') : false;
  for (const resource of ['storage', 'message'] as const) {
    const use = quota === false ? undefined : quota[resource];
    const { usage, limit } = { usage: use?.usage ?? 0, limit: use?.limit ?? 0 };
    if (limit === 0 || usage / limit < nearlyFull) continue;
    const percent = Math.floor((usage / limit) * 100);
    findings.push(
      tell(usage / limit >= full ? 'quota-full' : 'quota-near', `${resource} ${usage}/${limit}`, { percent }),
    );
  }
  const own = folders.filter(({ role }) => role !== 'all');
  for (const { path, messages, size } of own) {
    const megabytes = Math.round((size ?? 0) / 1_000_000);
    const seen = `${path}: ${messages}${size === null ? '' : `, ${megabytes} MB`}`;
    const values = { folder: path, count: messages, megabytes };
    if (messages >= limits.folderMessages) findings.push(tell('folder-many-messages', seen, values));
    else if ((size ?? 0) >= limits.folderBytes) findings.push(tell('folder-large', seen, values));
  }
  const cap = limits.providers.find(({ id }) => id === provider)?.mailboxMessages;
  const total = own.reduce((sum, { messages }) => sum + messages, 0);
  if (cap !== undefined && total >= cap * nearlyFull)
    findings.push(tell('mailbox-count-near', `${total}/${cap}`, { count: total, most: cap }));
  return findings;
}
