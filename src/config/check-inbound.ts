import { AppError } from '../base/index.ts';
import type { Config } from './config.ts';
import { placeOf } from './written-values.ts';
import type { WrittenValues } from './written-values.ts';

/** What the doors for returned mail need together. */
export function checkInbound(config: Config, written: WrittenValues): AppError[] {
  const clear = config.inbound.imap.flatMap(({ tls, host }, index) =>
    tls === 'none' && !isLoopback(host)
      ? [passwordInTheClear(placeOf(written, 'inbound.imap', [index, 'tls']), host)]
      : [],
  );
  return [
    ...halfPairs('inbound.tls', config.inbound.tls, written),
    ...halfPairs('inbound.submission.tls', config.inbound.submission.tls, written),
    ...clear,
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function halfPairs(section: string, tls: Config['inbound']['tls'], written: WrittenValues): AppError[] {
  const { certificate, key } = tls;
  if ((certificate === null) === (key === null)) return [];
  const [has, lacks] =
    certificate === null
      ? [`${section}.key`, `${section}.certificate`]
      : [`${section}.certificate`, `${section}.key`];
  return [halfPair(written, has, lacks)];
}

function halfPair(written: WrittenValues, has: string, lacks: string): AppError {
  const at = placeOf(written, has);
  return new AppError({
    code: 'config-inbound-tls-pair',
    message: { ja: `${at}: ${has} だけがあり、${lacks} がありません`, en: `${at}: ${has} needs ${lacks}` },
    hint: {
      ja: '両方を書くか、両方を消してください（消すと自己署名の証明書を使います）',
      en: 'give both, or neither: Todoku then makes its own',
    },
  });
}

function passwordInTheClear(at: string, host: string): AppError {
  return new AppError({
    code: 'config-imap-in-the-clear',
    message: {
      ja: `${at}: tls: none では ${host} へのパスワードが暗号化されません`,
      en: `${at}: with tls: none the password goes to ${host} in the clear`,
    },
    hint: { ja: 'implicit か starttls にしてください', en: 'use implicit or starttls' },
  });
}
