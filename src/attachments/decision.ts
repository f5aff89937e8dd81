import type { Bilingual } from '../base/index.ts';
import type { MailAttachment, MailStamp } from '../compose/index.ts';
import { safeFileName } from '../protocol/message/index.ts';
import { octetsText } from './octets-text.ts';
import type { PlannedGroup } from './plan.ts';
import type { AttachmentDecision, DecidedFile } from './ports.ts';

export type DecisionFacts = {
  readonly attachments: readonly MailAttachment[];
  /** Of the first mail, the second …. */
  readonly stamps: readonly MailStamp[];
  /** End of the links, where there are any. */
  readonly untilMs: number;
};

/** What was decided, for the record. */
export function decisionsOf(
  groups: readonly PlannedGroup[],
  facts: DecisionFacts,
): readonly AttachmentDecision[] {
  return groups.map((group) => ({
    recipients: group.recipients.map((index) => index + 1),
    way: group.way,
    limitOctets: group.limit.octets,
    rule: group.limit.from,
    files: facts.attachments.map((attachment, index) => decidedFile(attachment, { index, group, facts })),
    untilMs: group.linked.length === 0 ? null : facts.untilMs,
  }));
}

/** What concerns the mail of that number, 0 the first, whose recipients are only those that get so many: numbered as there. */
export function decidedIn(
  decisions: readonly AttachmentDecision[],
  number: number,
): readonly AttachmentDecision[] {
  const theirs = decisions.filter(
    ({ files }) => number === 0 || files.some(({ part }) => (part?.of ?? 1) > number),
  );
  const all = theirs.flatMap(({ recipients }) => recipients).toSorted((a, b) => a - b);
  const place = new Map(all.map((recipient, index) => [recipient, index + 1]));
  return theirs.map((each) => ({
    ...each,
    recipients: each.recipients.map((recipient) => place.get(recipient) ?? recipient),
  }));
}

function decidedFile(
  { filename, content }: MailAttachment,
  {
    index,
    group,
    facts,
  }: { readonly index: number; readonly group: PlannedGroup; readonly facts: DecisionFacts },
): DecidedFile {
  const base = { filename: safeFileName(filename), octets: content.length };
  if (group.linked.includes(index)) return { ...base, part: null };
  // What the HTML shows is in none of the lists: it goes along with the first.
  const number = Math.max(
    0,
    group.mails.findIndex((mail) => mail.includes(index)),
  );
  return {
    ...base,
    part: { mail: facts.stamps[number]?.id ?? '', number: number + 1, of: group.mails.length },
  };
}

/** How the files got to one recipient, for people. */
export type AttachmentNote = Omit<AttachmentDecision, 'recipients'> & { readonly text: Bilingual };

/** null: the mail had no files, or nothing is on record. `recipient`: from 1. */
export function noteFor(decisions: readonly AttachmentDecision[], recipient: number): AttachmentNote | null {
  const decision = decisions.find(({ recipients }) => recipients.includes(recipient));
  if (decision === undefined || decision.files.length === 0) return null;
  const { recipients: _, ...rest } = decision;
  return { ...rest, text: textOf(decision) };
}

function textOf({ way, limitOctets, rule, files, untilMs }: AttachmentDecision): Bilingual {
  const limit = `${octetsText(limitOctets)}, ${rule}`;
  const names = (chosen: readonly DecidedFile[]): string =>
    chosen.map(({ filename, octets }) => `${filename} (${octetsText(octets)})`).join(', ');
  if (way === 'whole')
    return {
      ja: `添付ファイルはそのまま送りました: ${names(files)}。宛先の上限: ${limit}`,
      en: `the files went along with the mail: ${names(files)}; limit there: ${limit}`,
    };
  if (way === 'links') {
    const linked = names(files.filter(({ part }) => part === null));
    const until = untilMs === null ? '' : new Date(untilMs).toISOString();
    return {
      ja: `宛先の上限(${limit})に収まらないため、${until} まで有効なダウンロードリンクにしました: ${linked}`,
      en: `more than fits there (${limit}), so these were sent as download links until ${until}: ${linked}`,
    };
  }
  const of = files[0]?.part?.of ?? 1;
  const parts = files
    .map(({ filename, part }) => `${filename} → ${part?.number ?? 1}/${of} (${part?.mail ?? ''})`)
    .join(', ');
  return {
    ja: `宛先の上限(${limit})に収まらないため、${of} 通に分けました: ${parts}`,
    en: `more than fits there (${limit}), so the files were split over ${of} mails: ${parts}`,
  };
}
