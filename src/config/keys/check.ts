import { nameServer, domainName } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { optional } from '../list-types.ts';
import { integer } from '../scalar-types.ts';

/** Who is asked about a message besides ourselves, and where strangers may send one to have it looked at. */
export const checkKeys: SectionKeys<'check' | 'inbound.diagnosis'> = {
  'check.rspamd': {
    type: optional(nameServer),
    default: null,
    doc: {
      en: 'Address and port of an rspamd (its normal worker, 11333) that `check message` asks too.',
      ja: '`check message` が合わせて問い合わせる rspamd（normal worker、11333）のアドレスとポート。',
    },
    applies: 'restart',
  },
  'check.spamassassin': {
    type: optional(nameServer),
    default: null,
    doc: {
      en: 'Address and port of a SpamAssassin daemon (spamd, 783) that `check message` asks too.',
      ja: '`check message` が合わせて問い合わせる SpamAssassin（spamd、783）のアドレスとポート。',
    },
    applies: 'restart',
  },
  'inbound.diagnosis.domain': {
    type: optional(domainName),
    default: null,
    doc: {
      en: 'Domain of the diagnosis addresses (`todoku check inbox`): mail to them is checked as it came, with the address of its client. Its MX leads to `inbound.listen`.',
      ja: '診断用アドレス（`todoku check inbox`）のドメイン。届いたメールを送信元の IP アドレスとともに診断します。MX を `inbound.listen` に向けます。',
    },
    applies: 'restart',
  },
  'inbound.diagnosis.mailsPerHour': {
    type: integer({ min: 1, max: 100_000 }),
    // Each costs some twenty look-ups and a second of work: under one in ten seconds leaves the rest of the product alone.
    default: 300,
    unit: { en: 'mails', ja: '通' },
    doc: {
      en: 'Most mails an hour that are checked for everybody together; more are put off.',
      ja: '1 時間に診断する通数の上限（全体）。超えた分は後で送り直してもらいます。',
    },
    applies: 'restart',
  },
};
