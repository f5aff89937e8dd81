import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { checkInbound } from './check-inbound.ts';
import { checkSigningKeys } from './check-signing-keys.ts';
import type { CheckResult } from './check-signing-keys.ts';
import { systemCode } from './config-file.ts';
import type { Config } from './config.ts';
import { placeOf } from './written-values.ts';
import type { WrittenValues } from './written-values.ts';

/** What the keys say together, and what they say of the files they name. */
export function checkConfig(config: Config, written: WrittenValues): CheckResult {
  const signing = checkSigningKeys(config, written);
  return {
    errors: [
      ...checkAvailable(config, written),
      ...checkRetry(config, written),
      ...checkDuplicates(config, written),
      ...checkAuthorities(config, written),
      ...checkInbound(config, written),
      ...signing.errors,
    ],
    warnings: [...greetingWarnings(config), ...routeWarnings(config, written), ...signing.warnings],
  };
}

function checkAvailable(config: Config, written: WrittenValues): AppError[] {
  const postgres = config.storage.url.startsWith('postgres');
  return [
    ...(postgres ? [notAvailable('storage.url', written)] : []),
    ...(config.cluster.nats === null ? [] : [notAvailable('cluster.nats', written)]),
  ];
}

function notAvailable(key: string, written: WrittenValues): AppError {
  const at = placeOf(written, key);
  const what = key === 'storage.url' ? 'PostgreSQL (storage.url)' : 'NATS (cluster.nats)';
  return new AppError({
    code: 'config-not-available',
    message: {
      ja: `${at}: ${what} はこのバージョンでは使えません`,
      en: `${at}: ${what} is not available in this version`,
    },
    hint: {
      ja: 'この行を消すと --data のフォルダーの SQLite を使います',
      en: 'remove it to use SQLite in the folder of --data',
    },
  });
}

function checkRetry(config: Config, written: WrittenValues): AppError[] {
  const { firstMs, longestMs } = config.delivery.retry;
  if (firstMs <= longestMs) return [];
  const at = placeOf(
    written,
    written.has('delivery.retry.first') ? 'delivery.retry.first' : 'delivery.retry.longest',
  );
  return [
    new AppError({
      code: 'config-retry-order',
      message: {
        ja: `${at}: delivery.retry.first が delivery.retry.longest より長くなっています`,
        en: `${at}: delivery.retry.first is longer than delivery.retry.longest`,
      },
      hint: {
        ja: 'first を短くするか longest を延ばしてください',
        en: 'shorten the first or lengthen the longest',
      },
    }),
  ];
}

function checkDuplicates(config: Config, written: WrittenValues): AppError[] {
  const names = config.domains.map((domain) => domain.name);
  const addresses = config.sources.map((source) => source.ip);
  return [
    ...twice(names).map((index) =>
      duplicate(names[index] ?? '', placeOf(written, 'domains', [index, 'name'])),
    ),
    ...twice(addresses).map((index) =>
      duplicate(addresses[index] ?? '', placeOf(written, 'sources', [index, 'ip'])),
    ),
    ...config.domains.flatMap((domain, index) => {
      const selectors = domain.dkim.map((key) => key.selector);
      return twice(selectors).map((which) =>
        duplicate(selectors[which] ?? '', placeOf(written, 'domains', [index, 'dkim', which, 'selector'])),
      );
    }),
  ];
}

/** Positions of the values that stood earlier in the list already. */
function twice(values: readonly string[]): number[] {
  const seen = new Set<string>();
  const repeated: number[] = [];
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) repeated.push(index);
    seen.add(value);
  }
  return repeated;
}

function duplicate(value: string, at: string): AppError {
  return new AppError({
    code: 'config-duplicate-entry',
    message: { ja: `${at}: ${value} が二度書かれています`, en: `${at}: ${value} is listed twice` },
    hint: { ja: 'どちらか一方にまとめてください', en: 'keep only one of the two' },
  });
}

function checkAuthorities(config: Config, written: WrittenValues): AppError[] {
  const file = config.delivery.tlsCa;
  const problem = file === null ? null : authoritiesProblem(file);
  if (file === null || problem === null) return [];
  const at = placeOf(written, 'delivery.tlsCa');
  return [
    new AppError({
      code: 'config-bad-ca-file',
      message: {
        ja: `${at}: 証明書のファイル ${file} ${problem.ja}`,
        en: `${at}: certificate file ${file} ${problem.en}`,
      },
      hint: {
        ja: 'PEM 形式の CA 証明書を指定してください',
        en: 'give a file with CA certificates in PEM form',
      },
    }),
  ];
}

function authoritiesProblem(file: string): Bilingual | null {
  try {
    const certificate = new X509Certificate(readFileSync(file));
    return certificate.subject === undefined ? { ja: 'に名前がありません', en: 'has no subject' } : null;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return { ja: 'がありません', en: 'does not exist' };
    if (code !== null) return { ja: `を読めません（${code}）`, en: `cannot be read (${code})` };
    if (error instanceof Error) return { ja: 'に証明書がありません', en: 'holds no certificate' };
    throw error;
  }
}

function greetingWarnings(config: Config): Bilingual[] {
  const name = config.delivery.hostname;
  if (name.startsWith('[') || name.includes('.')) return [];
  // RFC 5321 §4.1.1.1: the EHLO argument is the client's fully-qualified domain name.
  return [
    {
      ja: `delivery.hostname ${name} は完全なドメイン名ではないため、多くのサーバーに拒否されます。mail.example.jp のような名前を設定してください`,
      en: `delivery.hostname ${name} is not a full domain name, so many servers will refuse mail; set one such as mail.example.jp`,
    },
  ];
}

function routeWarnings(config: Config, written: WrittenValues): Bilingual[] {
  const patterns = config.delivery.routes.map((route) => route.domain);
  const all = patterns.indexOf('*');
  const shadowed = patterns.flatMap((_, index) => (all !== -1 && index > all ? [index] : []));
  return [...new Set([...twice(patterns), ...shadowed])].map((index) => {
    const at = placeOf(written, 'delivery.routes', [index, 'domain']);
    return {
      ja: `${at}: 前の行が先に一致するため、${patterns[index]} の経路は使われません`,
      en: `${at}: the route for ${patterns[index]} is never used, as an earlier one matches first`,
    };
  });
}
