import type { Bilingual } from '../base/index.ts';
import type { TlsTallies } from './ports.ts';

/** One kind of failure at one host. */
export type TlsTrouble = {
  readonly resultType: string;
  readonly policyDomain: string;
  readonly policyType: string;
  readonly mxHost: string;
  readonly sessions: number;
  readonly reporters: number;
  /** A reason code or explanation as one reporter gave it; empty where none did. */
  readonly example: string;
  readonly meaning: Bilingual;
  readonly advice: Bilingual;
};

export type TlsSummary = {
  readonly domain: string;
  readonly from: string | null;
  readonly until: string | null;
  readonly reports: number;
  readonly reporters: readonly string[];
  readonly sessions: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly troubles: readonly TlsTrouble[];
  readonly advice: readonly Bilingual[];
};

export function summariseTls(tallies: TlsTallies, domain: string): TlsSummary {
  const count = (of: TlsTallies['tallies']): number => of.reduce((sum, tally) => sum + tally.sessions, 0);
  const failures = tallies.tallies.filter((tally) => tally.resultType !== null);
  const failed = count(failures);
  const sessions = count(tallies.tallies);
  return {
    domain,
    from: tallies.beginMs === null ? null : new Date(tallies.beginMs).toISOString(),
    until: tallies.endMs === null ? null : new Date(tallies.endMs).toISOString(),
    reports: tallies.reports,
    reporters: tallies.reporters,
    sessions,
    succeeded: sessions - failed,
    failed,
    troubles: failures.map(({ resultType, ...tally }) => {
      const [meaning, advice] = meaningOf(resultType ?? '');
      return { resultType: resultType ?? '', ...tally, meaning, advice };
    }),
    advice: adviceOf(tallies.reports, failed),
  };
}

function adviceOf(reports: number, failed: number): readonly Bilingual[] {
  if (reports === 0)
    return [
      {
        ja: 'このドメインの TLS レポートはまだありません。_smtp._tls の TXT レコードに v=TLSRPTv1; rua=mailto:… があるか確かめてください。',
        en: 'There is no TLS report about this domain yet: check that _smtp._tls has a TXT record v=TLSRPTv1; rua=mailto:….',
      },
    ];
  return failed === 0 ? [{ ja: '対応は不要です。', en: 'Nothing to do.' }] : [];
}

type Meaning = readonly [meaning: Bilingual, advice: Bilingual];

/** The result types of RFC 8460 §4.3. */
const meanings: Readonly<Record<string, Meaning>> = {
  'starttls-not-supported': [
    {
      ja: '受信サーバーが STARTTLS を提供していません。',
      en: 'The receiving server does not offer STARTTLS.',
    },
    { ja: 'その MX で TLS を有効にしてください。', en: 'Turn TLS on at that MX.' },
  ],
  'certificate-host-mismatch': [
    {
      ja: '証明書の名前が MX のホスト名と違います。',
      en: 'The certificate is for another name than the MX host.',
    },
    {
      ja: 'MX のホスト名を含む証明書に替えてください。',
      en: 'Install a certificate that has the MX host name.',
    },
  ],
  'certificate-expired': [
    { ja: '証明書の期限が切れています。', en: 'The certificate has expired.' },
    {
      ja: '証明書を更新し、自動更新を確かめてください。',
      en: 'Renew it, and check that renewal runs by itself.',
    },
  ],
  'certificate-not-trusted': [
    {
      ja: '証明書が信頼された認証局のものではありません。',
      en: 'The certificate is not from an authority that is trusted.',
    },
    {
      ja: '公的な認証局の証明書にし、中間証明書も送るようにしてください。',
      en: 'Use one from a public authority and send its intermediate certificates along.',
    },
  ],
  'validation-failure': [
    { ja: 'ほかの理由で TLS の検証に失敗しています。', en: 'Checking TLS failed for another reason.' },
    {
      ja: '失敗の理由（コード）を手がかりに MX の TLS を調べてください。',
      en: 'Look into TLS at that MX, by the reason code.',
    },
  ],
  'tlsa-invalid': [
    {
      ja: 'TLSA レコードと証明書が合いません（DANE）。',
      en: 'The TLSA record and the certificate do not agree (DANE).',
    },
    {
      ja: '証明書を替えるときは、先に新しい TLSA レコードを公開してください。',
      en: 'Publish the new TLSA record before changing the certificate.',
    },
  ],
  'dnssec-invalid': [
    { ja: 'DNSSEC の検証に失敗しています。', en: 'DNSSEC does not validate.' },
    {
      ja: '署名の期限と DS レコードを確かめてください。',
      en: 'Check the signatures’ expiry and the DS record.',
    },
  ],
  'dane-required': [
    {
      ja: '送信側が DANE を必須にしていますが、TLSA レコードがありません。',
      en: 'The sender requires DANE and there is no TLSA record.',
    },
    {
      ja: 'DNSSEC と TLSA レコードを用意するか、送信元に相談してください。',
      en: 'Publish TLSA under DNSSEC, or talk to that sender.',
    },
  ],
  'sts-policy-fetch-error': [
    { ja: 'MTA-STS のポリシーを取得できません。', en: 'The MTA-STS policy cannot be fetched.' },
    {
      ja: 'https://mta-sts.ドメイン/.well-known/mta-sts.txt が外から開けるか確かめてください。',
      en: 'Check that https://mta-sts.DOMAIN/.well-known/mta-sts.txt opens from outside.',
    },
  ],
  'sts-policy-invalid': [
    { ja: 'MTA-STS のポリシーの書き方が誤っています。', en: 'The MTA-STS policy is not valid.' },
    { ja: 'version・mode・mx・max_age を確かめてください。', en: 'Check version, mode, mx and max_age.' },
  ],
  'sts-webpki-invalid': [
    {
      ja: 'MTA-STS のサイトの証明書が正しくありません。',
      en: 'The certificate of the MTA-STS site is not valid.',
    },
    { ja: 'mta-sts.ドメイン の証明書を更新してください。', en: 'Renew the certificate of mta-sts.DOMAIN.' },
  ],
};

const otherMeaning: Meaning = [
  { ja: 'レポートは理由を述べていません。', en: 'The report does not say why.' },
  { ja: 'MX の TLS の設定とログを調べてください。', en: 'Look into the TLS settings and log of the MX.' },
];

function meaningOf(type: string): Meaning {
  return (Object.hasOwn(meanings, type) ? meanings[type] : undefined) ?? otherMeaning;
}
