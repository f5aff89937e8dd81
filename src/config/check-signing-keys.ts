import { statSync } from 'node:fs';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { Config, SigningKey } from './config.ts';
import { openSigningKey, rsaBits } from './signing-key.ts';
import { placeOf } from './written-values.ts';
import type { WrittenValues } from './written-values.ts';

export type CheckResult = { readonly errors: readonly AppError[]; readonly warnings: readonly Bilingual[] };

// RFC 8301 §3.2: signers SHOULD use RSA keys of at least 2048 bits; verifiers need not take more than 4096.
const advisedRsaBits = 2048;
const longestVerifiedRsaBits = 4096;

/** Opens every DKIM key that the configuration names. */
export function checkSigningKeys(config: Config, written: WrittenValues): CheckResult {
  const errors: AppError[] = [];
  const warnings: Bilingual[] = [];
  for (const [domainIndex, domain] of config.domains.entries()) {
    for (const [keyIndex, signingKey] of domain.dkim.entries()) {
      const at = placeOf(written, 'domains', [domainIndex, 'dkim', keyIndex, 'key']);
      const result = checkOne(signingKey, at);
      errors.push(...result.errors);
      warnings.push(...result.warnings);
    }
  }
  return { errors, warnings };
}

function checkOne(signingKey: SigningKey, at: string): CheckResult {
  const key = openSigningKey(signingKey.key);
  if (key instanceof AppError) return { errors: [atPlace(key, at)], warnings: [] };
  const fitting = key.asymmetricKeyType === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256';
  if (fitting !== signingKey.algorithm) {
    return { errors: [mismatch(signingKey, { at, fitting })], warnings: [] };
  }
  return {
    errors: [],
    warnings: [...lengthWarnings(signingKey, { at, bits: rsaBits(key) }), ...modeWarnings(signingKey, at)],
  };
}

/** The same error with the line of the configuration in front. */
function atPlace(error: AppError, at: string): AppError {
  return new AppError({
    code: error.code,
    message: { ja: `${at}: ${error.text.ja}`, en: `${at}: ${error.text.en}` },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

function mismatch(
  signingKey: SigningKey,
  facts: { readonly at: string; readonly fitting: string },
): AppError {
  const { at, fitting } = facts;
  return new AppError({
    code: 'config-key-algorithm-mismatch',
    message: {
      ja: `${at}: 鍵 ${signingKey.key} は ${signingKey.algorithm} では使えません`,
      en: `${at}: key ${signingKey.key} does not fit algorithm ${signingKey.algorithm}`,
    },
    hint: { ja: `algorithm: ${fitting} と書いてください`, en: `write algorithm: ${fitting}` },
  });
}

function lengthWarnings(
  signingKey: SigningKey,
  { at, bits }: { readonly at: string; readonly bits: number },
): Bilingual[] {
  if (signingKey.algorithm !== 'rsa-sha256') return [];
  if (bits < advisedRsaBits) {
    return [
      {
        ja: `${at}: 鍵 ${signingKey.key} は ${bits} ビットです。2048 ビットをおすすめします`,
        en: `${at}: key ${signingKey.key} has ${bits} bits; 2048 are advised`,
      },
    ];
  }
  if (bits <= longestVerifiedRsaBits) return [];
  return [
    {
      ja: `${at}: 鍵 ${signingKey.key} は ${bits} ビットです。4096 ビットを超える署名は検証できない受信側があります`,
      en: `${at}: key ${signingKey.key} has ${bits} bits; some receivers cannot verify more than 4096`,
    },
  ];
}

function modeWarnings(signingKey: SigningKey, at: string): Bilingual[] {
  const othersMayRead = process.platform !== 'win32' && (statSync(signingKey.key).mode & 0o004) !== 0;
  if (!othersMayRead) return [];
  return [
    {
      ja: `${at}: 秘密鍵 ${signingKey.key} をだれでも読めます。chmod 600 してください`,
      en: `${at}: private key ${signingKey.key} can be read by everybody; chmod 600 it`,
    },
  ];
}
