import { attachmentOctets, composeMail, faultAt, isShown } from '../compose/index.ts';
import type { ComposeFailure, MailAttachment, MailRequest } from '../compose/index.ts';
import { octetsText } from './octets-text.ts';

/** How large a message may be, and who says so: `knowledge/shaping.yaml: au (published)`. */
export type MessageLimit = { readonly octets: number; readonly from: string };

/** What is done with files that do not fit. */
export type TooLarge = 'link' | 'split' | 'refuse';

/** What is known of recipient domains. */
export type DomainRules = {
  readonly limitOf: (domain: string) => MessageLimit;
  readonly tooLargeAt: (domain: string) => TooLarge;
};

/** Recipients that get the same. Files are named by their place in the request. */
export type PlannedGroup = {
  /** By their place among the recipients. */
  readonly recipients: readonly number[];
  readonly way: 'whole' | 'links' | 'split';
  /** The files that go along with the first mail, the second …; one mail unless it is split. */
  readonly mails: readonly (readonly number[])[];
  /** The files that are sent as links instead. */
  readonly linked: readonly number[];
  readonly limit: MessageLimit;
};

export type AttachmentPlan =
  | { readonly kind: 'planned'; readonly groups: readonly PlannedGroup[] }
  | { readonly kind: 'refused'; readonly failure: ComposeFailure };

// Two DKIM signatures, Received fields of relays, a subject that grows by `(2/3)`: 4 KB are plenty.
const reservedOctets = 4_096;
// A line about a link stands in the text and in the HTML; a name of 255 octets takes 765 in quoted-printable.
const linkOctets = 3_000;
// The words of a mail that only carries files.
const carrierOctets = 2_048;

/**
 * Decides for each recipient, by domain, how the files get there: with the mail, as links, over several mails, or not at all;
 * then nobody gets it, and the failure says why.
 */
export function planAttachments(
  request: MailRequest,
  recipients: readonly { readonly domain: string }[],
  rules: DomainRules,
): AttachmentPlan {
  const alike = groupsOf(recipients, rules);
  const files = request.attachments.flatMap((attachment, index) =>
    isShown(attachment, request.html) ? [] : [{ index, octets: attachmentOctets(attachment) }],
  );
  const all = files.map(({ index }) => index);
  const whole = (group: Alike): PlannedGroup => ({ ...group, way: 'whole', mails: [all], linked: [] });
  // Most mails are far below every limit: nothing is measured for them.
  const most = roughOctets(request);
  if (alike.every(({ limit }) => most <= limit.octets)) return { kind: 'planned', groups: alike.map(whole) };
  const base = composeMail(
    { ...request, attachments: request.attachments.filter((each) => isShown(each, request.html)) },
    trial,
  );
  if ('failure' in base) return { kind: 'refused', failure: base };
  const need: Need = { base: base.bytes.length + reservedOctets, files, attachments: request.attachments };
  const groups: PlannedGroup[] = [];
  for (const group of alike) {
    const fits = need.base + files.reduce((sum, { octets }) => sum + octets, 0) <= group.limit.octets;
    const planned = fits ? whole(group) : fitted(group, need);
    if ('failure' in planned) return { kind: 'refused', failure: planned };
    groups.push(planned);
  }
  return { kind: 'planned', groups };
}

const trial = { id: 'm-trial', domain: 'size.invalid', dateMs: 0 };

/** Never less than what the mail will have. */
function roughOctets({ html, text, subject, headers, to, cc, attachments }: MailRequest): number {
  const fields = [subject, ...to, ...cc, ...Object.values(headers)];
  // Quoted-printable writes a UTF-16 unit in 9 octets at most; text made of HTML is no longer than it.
  const texts = [html ?? '', text ?? html ?? '', ...fields].reduce((sum, each) => sum + 10 * each.length, 0);
  return texts + attachments.reduce((sum, each) => sum + attachmentOctets(each), reservedOctets);
}

type Alike = {
  readonly recipients: readonly number[];
  readonly limit: MessageLimit;
  readonly tooLarge: TooLarge;
  readonly domain: string;
};

function groupsOf(recipients: readonly { readonly domain: string }[], rules: DomainRules): readonly Alike[] {
  const groups = new Map<
    string,
    { recipients: number[]; limit: MessageLimit; tooLarge: TooLarge; domain: string }
  >();
  for (const [index, { domain }] of recipients.entries()) {
    const [limit, tooLarge] = [rules.limitOf(domain), rules.tooLargeAt(domain)];
    const key = `${limit.octets} ${tooLarge} ${limit.from}`;
    const group = groups.get(key) ?? { recipients: [], limit, tooLarge, domain };
    group.recipients.push(index);
    groups.set(key, group);
  }
  return [...groups.values()];
}

type Need = {
  /** The mail without its files. */
  readonly base: number;
  readonly files: readonly { readonly index: number; readonly octets: number }[];
  readonly attachments: readonly MailAttachment[];
};

function fitted(group: Alike, need: Need): PlannedGroup | ComposeFailure {
  const { limit, domain } = group;
  if (need.base > limit.octets)
    return faultAt('html', {
      ja: `ファイルを除いた本文だけで ${octetsText(need.base)} あり、${domain} の上限 ${octetsText(limit.octets)} を超えます(${limit.from})`,
      en: `without its files the mail has ${octetsText(need.base)}, more than the limit of ${octetsText(limit.octets)} at ${domain} (${limit.from})`,
    });
  if (group.tooLarge === 'link') return withLinks(group, need);
  return group.tooLarge === 'split' ? split(group, need) : refused(group, need);
}

/** The largest files become links until the others fit. */
function withLinks(group: Alike, { base, files }: Need): PlannedGroup | ComposeFailure {
  const bySize = files.toSorted((a, b) => b.octets - a.octets);
  const linked = new Set<number>();
  let octets = base + files.reduce((sum, file) => sum + file.octets, 0);
  for (const file of bySize) {
    if (octets <= group.limit.octets) break;
    linked.add(file.index);
    octets += linkOctets - file.octets;
  }
  if (octets > group.limit.octets)
    return faultAt('attachments', {
      ja: `リンクにしても ${group.domain} の上限 ${octetsText(group.limit.octets)} に収まりません(${group.limit.from})`,
      en: `even with links the mail is larger than the limit of ${octetsText(group.limit.octets)} at ${group.domain} (${group.limit.from})`,
    });
  const kept = files.flatMap(({ index }) => (linked.has(index) ? [] : [index]));
  return { ...group, way: 'links', mails: [kept], linked: [...linked].toSorted((a, b) => a - b) };
}

/** In the order of the request, each mail filled before the next; the words stand in the first. RFC 2046 §5.2.2's message/partial is read by nobody any more. */
function split(group: Alike, { base, files, attachments }: Need): PlannedGroup | ComposeFailure {
  const { limit } = group;
  const mails: number[][] = [[]];
  let room = limit.octets - base;
  for (const { index, octets } of files) {
    const emptyRoom = limit.octets - carrierOctets - reservedOctets;
    const attachment = attachments[index];
    if (octets > emptyRoom && attachment !== undefined) return tooLargeAlone(group, { index, attachment });
    if (octets > room) {
      mails.push([]);
      room = emptyRoom;
    }
    mails.at(-1)?.push(index);
    room -= octets;
  }
  return { ...group, way: 'split', mails, linked: [] };
}

function tooLargeAlone(
  { domain, limit }: Alike,
  { index, attachment }: { readonly index: number; readonly attachment: MailAttachment },
): ComposeFailure {
  const name = JSON.stringify(attachment.filename.slice(0, 60));
  // base64 makes it a third larger, which people do not expect.
  const size = octetsText(attachmentOctets(attachment));
  return faultAt(`attachments/${index}`, {
    ja: `${name}(メールの中では ${size})は 1 つで ${domain} のメール 1 通の上限 ${octetsText(limit.octets)} を超え、分けて送れません(${limit.from})`,
    en: `${name} (${size} within a mail) alone is larger than a mail to ${domain} may be, ${octetsText(limit.octets)}, and cannot be split (${limit.from})`,
  });
}

function refused({ domain, limit }: Alike, { base, files }: Need): ComposeFailure {
  const octets = base + files.reduce((sum, file) => sum + file.octets, 0);
  return faultAt('attachments', {
    ja: `添付ファイル込みで ${octetsText(octets)} になり、${domain} の上限 ${octetsText(limit.octets)} を超えます(${limit.from}。attachments.tooLarge は refuse)`,
    en: `with its files the mail has ${octetsText(octets)}, more than the limit of ${octetsText(limit.octets)} at ${domain} (${limit.from}; attachments.tooLarge is refuse)`,
  });
}
