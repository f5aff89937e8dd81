import { domainNameOf } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { optional } from '../list-types.ts';
import { text } from '../scalar-types.ts';
import { textType } from '../value-type.ts';

const senderAddress = textType({
  wanted: {
    ja: 'メールアドレス（例: tls-reports@example.jp）',
    en: 'an address such as tls-reports@example.jp',
  },
  parse(value) {
    const at = value.lastIndexOf('@');
    // RFC 5321 §4.1.2: a dot-string will do for a role address.
    const isSound = /^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}$/.test(value.slice(0, Math.max(at, 0)));
    const domain = domainNameOf(value.slice(at + 1));
    if (!isSound || domain === null) return { ok: false };
    return { ok: true, value: `${value.slice(0, at)}@${domain}` };
  },
});

export const tlsReportKeys: SectionKeys<'tlsReports'> = {
  'tlsReports.from': {
    type: optional(senderAddress),
    default: null,
    doc: {
      en: 'Sender of the daily TLS reports (RFC 8460) to domains that ask for them; without it none are sent. Its domain should be under `domains`, or the reports go unsigned.',
      ja: 'TLS レポート（RFC 8460）を求めるドメインへ毎日送るときの差出人。なければ送りません。DKIM 署名には、そのドメインが `domains` に必要です。',
    },
    applies: 'restart',
  },
  'tlsReports.organization': {
    type: optional(text),
    default: null,
    doc: {
      en: 'Name of the organisation in the reports; without it the domain of `tlsReports.from`.',
      ja: 'レポートに載せる組織名。なければ `tlsReports.from` のドメイン。',
    },
    applies: 'restart',
  },
};
