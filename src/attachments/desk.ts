import { createHash } from 'node:crypto';
import type { Clock } from '../base/index.ts';
import { attachmentTypeOf, composeMail, faultAt } from '../compose/index.ts';
import type {
  ComposedMail,
  ComposeFailure,
  MailAttachment,
  MailRequest,
  MailStamp,
} from '../compose/index.ts';
import { safeFileName } from '../protocol/message/index.ts';
import { decidedIn, decisionsOf } from './decision.ts';
import type { DecisionFacts } from './decision.ts';
import type { ShownLink } from './link-words.ts';
import { requestsOf } from './group-requests.ts';
import { hashPassword } from './password.ts';
import { planAttachments } from './plan.ts';
import type { DomainRules, PlannedGroup } from './plan.ts';
import type { DecisionStore, Download, DownloadStore, FileStore, Scanner } from './ports.ts';

/** What links are made with where the application wishes nothing else. */
export type LinkWishes = {
  readonly password: string | null;
  readonly lifetimeMs: number | null;
  /** For each recipient. */
  readonly downloads: number | null;
};

export type AttachmentJob = {
  readonly request: MailRequest;
  readonly recipients: readonly { readonly address: string; readonly domain: string }[];
  /** config `domains[].name`. */
  readonly domain: string;
  readonly links: LinkWishes;
  /** When it may go, milliseconds since 1970; 0: at once. Links count from then. */
  readonly notBeforeMs: number;
  /** A new one for each mail: files may need several. */
  readonly stamp: () => MailStamp;
};

/** One mail with what each of its recipients gets. The first is for all of them. */
export type PreparedMail = {
  readonly stamp: MailStamp;
  readonly subject: string;
  readonly bodies: readonly ComposedMail[];
  readonly recipients: readonly {
    readonly address: string;
    readonly domain: string;
    readonly body: number;
  }[];
};

export type Prepared =
  | {
      readonly kind: 'prepared';
      readonly mails: readonly PreparedMail[];
      /** Takes links and files back when the mails were not accepted after all. */
      discard(): Promise<void>;
    }
  /**
   * `unusable`, `too-large`, `infected`: the request is to blame (`field` says where). `unavailable`, `full`: it may be tried again
   * later.
   */
  | {
      readonly kind: 'unusable' | 'too-large' | 'infected' | 'unavailable' | 'full';
      readonly failure: ComposeFailure;
    };

export type AttachmentParts = {
  readonly downloads: DownloadStore;
  readonly decisions: DecisionStore;
  readonly files: FileStore;
  /** null: files are not looked through. */
  readonly scan: Scanner | null;
  readonly rules: DomainRules;
  /** `https://mail.example.jp`, without a slash at the end. */
  readonly publicUrl: string;
  readonly defaults: {
    readonly lifetimeMs: number;
    readonly downloads: number;
    readonly storeOctets: number;
  };
  readonly clock: Clock;
  /** Unguessable octets. */
  readonly secret: (octets: number) => Buffer;
};

export interface AttachmentDesk {
  /** Composes what an application asks for, as each recipient's provider takes it. */
  prepare(job: AttachmentJob): Promise<Prepared>;
  /** Removes what has expired, and contents that no link leads to. */
  sweep(): Promise<void>;
}

// 128 bits: a link cannot be guessed.
const secretOctets = 16;

export function createAttachmentDesk(parts: AttachmentParts): AttachmentDesk {
  const { downloads, decisions, files } = parts;
  // Storing and removing one after the other: else a content could be removed between being found there and being needed.
  let last: Promise<unknown> = Promise.resolve();
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => null);
    return await mine;
  };
  const removeUnneeded = async (contents: readonly string[]): Promise<void> => {
    for (const content of contents) if (!downloads.needs(content)) await files.remove(content);
  };
  const store = async (
    job: AttachmentJob,
    linked: readonly LinkedFile[],
    mail: string,
  ): Promise<Linked | Failed> => {
    if (linked.length === 0) return { links: new Map(), expiresMs: 0, hasPassword: false };
    return await alone(async () => await storeLinks(parts, { job, linked, mail }));
  };
  const record = (groups: readonly PlannedGroup[], facts: DecisionFacts): void => {
    const decided = decisionsOf(groups, facts);
    for (const [number, { id }] of facts.stamps.entries()) decisions.put(id, decidedIn(decided, number));
  };
  const prepare = async (job: AttachmentJob): Promise<Prepared> => {
    const scanned = parts.scan === null ? null : await scanAll(parts.scan, job.request.attachments);
    if (scanned !== null) return scanned;
    const plan = planAttachments(job.request, job.recipients, parts.rules);
    if (plan.kind === 'refused') return { kind: 'too-large', failure: plan.failure };
    const first = job.stamp();
    const made = await store(job, linkedFiles(plan.groups, job.request), first.id);
    if ('failure' in made) return made;
    const stamps = [first];
    const mails = composeAll(job, { groups: plan.groups, linked: made, stamps });
    const isWhole = plan.groups.every(({ way }) => way === 'whole');
    const discard = async (): Promise<void> => {
      if (isWhole) return;
      for (const { id } of stamps) decisions.remove(id);
      await alone(async () => await removeUnneeded(downloads.removeOf(first.id)));
    };
    if ('failure' in mails) {
      await discard();
      return { kind: 'unusable', failure: mails };
    }
    // Where everything went along nothing was decided, and a write of its own would cost more than all the rest.
    if (!isWhole)
      record(plan.groups, { attachments: job.request.attachments, stamps, untilMs: made.expiresMs });
    return { kind: 'prepared', mails, discard };
  };
  return {
    prepare: async (job) => (job.request.attachments.length === 0 ? simple(job) : await prepare(job)),
    sweep: async () =>
      await alone(async () => {
        await removeUnneeded(downloads.removeExpired(parts.clock.now()));
        await removeUnneeded(await files.list());
      }),
  };
}

/** Most mails have no files: one body for all. */
function simple({ request, recipients, stamp }: AttachmentJob): Prepared {
  const own = stamp();
  const body = composeMail(request, own);
  if ('failure' in body) return { kind: 'unusable', failure: body };
  const all = recipients.map(({ address, domain }) => ({ address, domain, body: 0 }));
  return {
    kind: 'prepared',
    mails: [{ stamp: own, subject: request.subject, bodies: [body], recipients: all }],
    discard: async () => await Promise.resolve(),
  };
}

type Failed = Exclude<Prepared, { kind: 'prepared' }>;

async function scanAll(scan: Scanner, attachments: readonly MailAttachment[]): Promise<Failed | null> {
  for (const [index, { content, filename }] of attachments.entries()) {
    const result = await scan(content);
    const name = JSON.stringify(filename.slice(0, 60));
    if (result.kind === 'infected')
      return {
        kind: 'infected',
        failure: faultAt(`attachments/${index}`, {
          ja: `${name} からウイルス ${result.name} が見つかりました`,
          en: `${name} holds the virus ${result.name}`,
        }),
      };
    if (result.kind === 'failed')
      return {
        kind: 'unavailable',
        failure: faultAt(`attachments/${index}`, {
          ja: `${name} のウイルス検査ができませんでした(${result.cause})。後でやり直してください`,
          en: `${name} could not be looked through for viruses (${result.cause}); try again later`,
        }),
      };
  }
  return null;
}

type LinkedFile = {
  readonly index: number;
  readonly attachment: MailAttachment;
  readonly recipients: number;
};

function linkedFiles(groups: readonly PlannedGroup[], { attachments }: MailRequest): readonly LinkedFile[] {
  return attachments.flatMap((attachment, index) => {
    const recipients = groups.reduce(
      (sum, group) => sum + (group.linked.includes(index) ? group.recipients.length : 0),
      0,
    );
    return recipients === 0 ? [] : [{ index, attachment, recipients }];
  });
}

/** The links by the place of their file in the request. */
export type Linked = {
  readonly links: ReadonlyMap<number, ShownLink>;
  readonly expiresMs: number;
  readonly hasPassword: boolean;
};

async function storeLinks(
  parts: AttachmentParts,
  {
    job,
    linked,
    mail,
  }: { readonly job: AttachmentJob; readonly linked: readonly LinkedFile[]; readonly mail: string },
): Promise<Linked | Failed> {
  const { downloads, files, clock, defaults } = parts;
  const createdMs = clock.now();
  const expiresMs = Math.max(createdMs, job.notBeforeMs) + (job.links.lifetimeMs ?? defaults.lifetimeMs);
  const links = new Map<number, ShownLink>();
  const more = linked.reduce((sum, { attachment }) => sum + attachment.content.length, 0);
  if (downloads.storedOctets() + more > defaults.storeOctets) return full();
  const password = job.links.password === null ? null : await hashPassword(job.links.password);
  const perRecipient = job.links.downloads ?? defaults.downloads;
  const rows: Download[] = [];
  for (const { index, attachment, recipients } of linked) {
    const secret = parts.secret(secretOctets).toString('base64url');
    const octets = attachment.content.length;
    const filename = safeFileName(attachment.filename);
    rows.push({
      digest: createHash('sha256').update(secret).digest(),
      content: await files.put(attachment.content),
      octets,
      filename,
      contentType: attachmentTypeOf(attachment),
      password,
      mail,
      domain: job.domain,
      createdMs,
      expiresMs,
      // An empty file is counted as one octet.
      allowedOctets: Math.max(1, octets) * perRecipient * recipients,
      sentOctets: 0,
    });
    links.set(index, { filename, octets, url: `${parts.publicUrl}/d/${secret}` });
  }
  downloads.add(rows);
  return { links, expiresMs, hasPassword: password !== null };
}

function full(): Failed {
  return {
    kind: 'full',
    failure: faultAt('attachments', {
      ja: 'ダウンロードリンク用の保存場所がいっぱいです(attachments.links.store)。期限切れのファイルが消えた後にやり直してください',
      en: 'the place for files behind links is full (attachments.links.store); try again when older ones have expired',
    }),
  };
}

/** All mails, the first one for everybody; null bodies never: a group without a mail of that number is no recipient of it. */
function composeAll(
  { request, recipients, stamp }: AttachmentJob,
  {
    groups,
    linked,
    stamps,
  }: { readonly groups: readonly PlannedGroup[]; readonly linked: Linked; readonly stamps: MailStamp[] },
): readonly PreparedMail[] | ComposeFailure {
  const count = Math.max(...groups.map(({ mails }) => mails.length));
  const mails: PreparedMail[] = [];
  for (let number = 0; number < count; number += 1) {
    const own = stamps[number] ?? stamp();
    stamps[number] = own;
    const bodies: ComposedMail[] = [];
    const bodyOf = new Map<number, number>();
    for (const group of groups.filter((each) => number < each.mails.length)) {
      const body = composeMail(requestsOf(request, { group, number, linked, first: stamps[0] ?? own }), own);
      if ('failure' in body) return body;
      for (const recipient of group.recipients) bodyOf.set(recipient, bodies.length);
      bodies.push(body);
    }
    const theirs = recipients.flatMap(({ address, domain }, index) => {
      const body = bodyOf.get(index);
      return body === undefined ? [] : [{ address, domain, body }];
    });
    mails.push({ stamp: own, subject: request.subject, bodies, recipients: theirs });
  }
  return mails;
}
