import { addressesIn, sameAddress } from './address-text.ts';
import { readReply } from './quoted-reply.ts';
import type { RecipientFacts, ReportedAction } from './returned-mail.ts';
import { fieldOf, rawField, readGroups, typed, typedField, type FieldGroup } from './status-fields.ts';

const perRecipient = [
  'final-recipient',
  'original-recipient',
  'action',
  'status',
  'diagnostic-code',
  'x-actual-recipient',
];

/** Reads message/delivery-status (RFC 3464) and its internationalised form (RFC 6533): one entry a recipient. */
export function readDeliveryStatus(texts: readonly string[]): readonly RecipientFacts[] {
  const facts: RecipientFacts[] = [];
  for (const text of texts) {
    const groups = joined(readGroups(text));
    const reporting =
      groups
        .map((group) => typedField(group, 'reporting-mta')?.value ?? null)
        .find((host) => host !== null) ?? null;
    for (const group of groups) {
      const found = recipientFacts(group, reporting);
      if (found !== null) facts.push(found);
    }
  }
  return facts;
}

/**
 * Some servers put an empty line within a group, others none between the message's fields and the first recipient's.
 * A group without an address goes on with the one before that lacks what it has.
 */
function joined(groups: readonly FieldGroup[]): readonly FieldGroup[] {
  const out: FieldGroup[] = [];
  for (const group of groups) {
    const before = out.at(-1);
    const rest = perRecipient.some((name) => group.has(name)) && !hasAddress(group);
    if (
      before !== undefined &&
      rest &&
      hasAddress(before) &&
      ![...group.keys()].some((name) => before.has(name))
    ) {
      out[out.length - 1] = new Map([...before, ...group]);
    } else out.push(group);
  }
  return out;
}

function hasAddress(group: FieldGroup): boolean {
  return group.has('final-recipient') || group.has('original-recipient');
}

function recipientFacts(group: FieldGroup, reportingHost: string | null): RecipientFacts | null {
  if (!hasAddress(group) && !group.has('x-actual-recipient')) return null;
  const final = addressField(group, 'final-recipient') ?? addressField(group, 'x-actual-recipient');
  const original = addressField(group, 'original-recipient');
  const diagnostic = typedField(group, 'diagnostic-code');
  const status =
    /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(fieldOf(group, 'status') ?? '')?.[1] ?? null;
  const words = [
    diagnostic?.value ?? '',
    ...(group.get('x-supplementary-info') ?? []),
    comment(group),
  ].filter((text) => text.trim() !== '');
  return {
    recipient: original ?? final,
    finalRecipient: sameAddress(original ?? final, final) ? null : final,
    action: actionOf(group, status),
    replyCode: diagnostic === null ? null : readReply(diagnostic.value).code,
    status,
    words,
    remoteHost: typedField(group, 'remote-mta')?.value.replace(/[\s(].*$/, '') ?? null,
    reportingHost,
  };
}

/** `Status: 5.0.0 (permanent failure)`: the comment says something where there is nothing else. */
function comment(group: FieldGroup): string {
  return /\((.{4,})\)/.exec(fieldOf(group, 'status') ?? '')?.[1] ?? '';
}

function addressField(group: FieldGroup, name: string): string | null {
  // Not decoded: an address has no encoded words (RFC 2047 §5), and what looks like one is a local part.
  const field = typed(rawField(group, name));
  if (field === null) return null;
  const value = field.type === 'utf-8' ? decodeUtf8Address(field.value) : decodeXtext(field.value);
  const inBrackets = /<([^<>\s]+@[^<>\s]+)>/.exec(value)?.[1];
  const whole = /^[^\s@<>'"]{1,128}@[^\s@<>'"]{1,255}$/.exec(value)?.[0].replace(/\.$/, '');
  const address = inBrackets ?? whole ?? addressesIn(value)[0]?.address ?? null;
  if (address === null) return null;
  return /^undisclosed|@\.?$/.test(address) ? null : address;
}

/** RFC 3461 §4: `+2B` for `+`. Only what is surely xtext is decoded: `a+20b@…` may be an address as it stands. */
function decodeXtext(text: string): string {
  return /\+(?:2B|3D)/.test(text)
    ? text.replaceAll(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
}

/** RFC 6533 §3: `\x{3042}` for あ. */
function decodeUtf8Address(text: string): string {
  return text.replaceAll(/\\x\{([0-9A-Fa-f]{1,6})\}/g, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });
}

function actionOf(group: FieldGroup, status: string | null): ReportedAction | null {
  const word = /^[a-z]+/i.exec(fieldOf(group, 'action') ?? '')?.[0]?.toLowerCase() ?? '';
  switch (word) {
    case 'failed':
    case 'failure':
    case 'fail':
    case 'error':
      return 'failed';
    case 'delayed':
    case 'delay':
      return 'delayed';
    case 'delivered':
    case 'deliverable':
      return 'delivered';
    case 'relayed':
    case 'expanded':
      return word;
    default:
      // RFC 3464 §2.3.3 demands an action; where it is missing the class of the status says the same.
      return status === null
        ? null
        : status.startsWith('2')
          ? 'delivered'
          : status.startsWith('5')
            ? 'failed'
            : null;
  }
}
