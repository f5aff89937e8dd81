import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AppError } from '../../base/index.ts';

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** What a signature is made with. Keep it: a PEM string per call costs 3.6 times as much as a kept KeyObject. */
export type SignerOptions = {
  /** d=: the domain that takes responsibility, A-labels. */
  readonly domain: string;
  /** s=: `<selector>._domainkey.<domain>` holds the public key. */
  readonly selector: string;
  /** Private key: RSA of at least 1,024 bits, or Ed25519. */
  readonly key: KeyObject;
  readonly algorithm: DkimAlgorithm;
  /** i=: agent or user identity, `@sub.example.jp`; left out when absent. */
  readonly identity?: string;
  /** x= as t= plus so many seconds; left out when absent. */
  readonly validForSeconds?: number;
};

declare const checked: unique symbol;

/** Options that were checked once, so that signing need not. */
export type Signer = SignerOptions & { readonly [checked]: true };

// RFC 8301 §3.2: "Signers MUST use RSA keys of at least 1024 bits"; 2048 is what it recommends.
const shortestRsaBits = 1024;
const domainName = /^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9])?$/i;
const identityForm = /^[\x21-\x3a\x3c-\x7e]*@[a-z0-9_.-]+$/i;

/** Checks a key against its algorithm; an unusable one is an `AppError` that names domain and selector. */
export function createSigner(options: SignerOptions): Signer {
  const { key, algorithm, domain, selector } = options;
  if (!domainName.test(domain) || !domainName.test(selector)) throw badName(options);
  if (options.identity !== undefined && !isWithin(options.identity, domain)) throw badName(options);
  const expected = algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519';
  if (key.type !== 'private' || key.asymmetricKeyType !== expected) {
    throw new AppError({
      code: 'dkim-key-type',
      message: {
        ja: `DKIM 鍵 ${selector}._domainkey.${domain} は ${algorithm} の秘密鍵ではありません(${describe(key)})`,
        en: `DKIM key ${selector}._domainkey.${domain} is not a private key for ${algorithm} (it is ${describe(key)})`,
      },
      hint: {
        ja: '設定の algorithm を鍵に合わせるか、鍵ファイルを替えてください',
        en: 'make "algorithm" fit the key, or use another key file',
      },
    });
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < shortestRsaBits) throw tooShort(options, bits);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand says that the checks above were made
  return { ...options } as Signer;
}

function describe(key: KeyObject): string {
  return `${key.type} ${key.asymmetricKeyType ?? 'key'}`;
}

/** RFC 6376 §3.5 i=: the domain part must be d= or a subdomain of it. */
function isWithin(identity: string, domain: string): boolean {
  if (!identityForm.test(identity)) return false;
  const host = identity.slice(identity.lastIndexOf('@') + 1).toLowerCase();
  return host === domain.toLowerCase() || host.endsWith(`.${domain.toLowerCase()}`);
}

function badName({ domain, selector, identity }: SignerOptions): AppError {
  const what = JSON.stringify(identity === undefined ? { domain, selector } : { domain, selector, identity });
  return new AppError({
    code: 'dkim-name',
    message: {
      ja: `DKIM のドメイン名かセレクターが正しくありません: ${what}`,
      en: `not a valid DKIM domain, selector or identity: ${what}`,
    },
  });
}

function tooShort({ domain, selector }: SignerOptions, bits: number): AppError {
  return new AppError({
    code: 'dkim-key-too-short',
    message: {
      ja: `DKIM 鍵 ${selector}._domainkey.${domain} は ${bits} ビットで短すぎます(最低 ${shortestRsaBits} ビット、RFC 8301)`,
      en: `DKIM key ${selector}._domainkey.${domain} has ${bits} bits; at least ${shortestRsaBits} are required (RFC 8301)`,
    },
    hint: {
      ja: '2048 ビットの鍵を作って公開鍵を DNS に登録してください',
      en: 'make a key of 2048 bits and publish its public half in DNS',
    },
  });
}

/** The TXT record that verifiers look up at `<selector>._domainkey.<domain>` (RFC 6376 §3.6.1, RFC 8463 §4). */
export function publicKeyRecord(signer: Pick<SignerOptions, 'key' | 'algorithm'>): string {
  const publicKey = createPublicKey(signer.key);
  if (signer.algorithm === 'rsa-sha256') {
    const der = publicKey.export({ type: 'spki', format: 'der' });
    return `v=DKIM1; k=rsa; p=${der.toString('base64')}`;
  }
  // RFC 8463 §4.2: the bare 32 octets, which the JWK form holds.
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return `v=DKIM1; k=ed25519; p=${raw.toString('base64')}`;
}
