import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

// OWASP's Password Storage Cheat Sheet: N = 2^15, r = 8, p = 3; 32 MB and about 0.2 s, off the main thread.
const cost = { N: 32_768, r: 8, p: 3, maxmem: 64 * 1024 * 1024 } as const;
const keyOctets = 32;
const saltOctets = 16;

/** Longer ones are refused before anything is computed. */
export const longestPasswordChars = 200;

/** `scrypt$N$r$p$salt$key`, salt and key in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltOctets);
  const key = await derive(password, salt);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

export async function isPassword(password: string, hashed: string): Promise<boolean> {
  const [, , , , salt = '', key = ''] = hashed.split('$');
  const wanted = Buffer.from(key, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'));
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

async function derive(password: string, salt: Buffer): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    // The same letters typed on another keyboard are the same password (RFC 8265 §4.2.2).
    scrypt(password.normalize('NFC'), salt, keyOctets, cost, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
