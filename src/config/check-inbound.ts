import { AppError } from '../base/index.ts';
import type { Config } from './config.ts';
import { placeOf } from './written-values.ts';
import type { WrittenValues } from './written-values.ts';

/** What the doors for returned mail need together. */
export function checkInbound(config: Config, written: WrittenValues): AppError[] {
  const { certificate, key } = config.inbound.tls;
  const clear = config.inbound.imap.flatMap(({ tls, host }, index) =>
    tls === 'none' && !isLoopback(host)
      ? [passwordInTheClear(placeOf(written, 'inbound.imap', [index, 'tls']), host)]
      : [],
  );
  return [
    ...((certificate === null) === (key === null) ? [] : [halfPair(written, certificate === null)]),
    ...clear,
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function halfPair(written: WrittenValues, lacksCertificate: boolean): AppError {
  const [has, lacks] = lacksCertificate
    ? ['inbound.tls.key', 'inbound.tls.certificate']
    : ['inbound.tls.certificate', 'inbound.tls.key'];
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
