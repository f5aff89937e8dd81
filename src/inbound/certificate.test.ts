import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { ownCertificate } from './certificate.ts';

const nowMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

it('makes a certificate once, anew for another name, near its end, and when the file is broken', async () => {
  const folder = join(temporaryFolder(), 'tls');
  const first = await ownCertificate(folder, 'mx.example.jp', nowMs);
  const certificate = new X509Certificate(first.cert);
  expect(certificate.checkHost('mx.example.jp')).toBe('mx.example.jp');
  expect(certificate.checkPrivateKey(createPrivateKey(first.key))).toBe(true);
  expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
  expect(await ownCertificate(folder, 'mx.example.jp', nowMs + 600 * dayMs)).toEqual(first);
  const later = await ownCertificate(folder, 'mx.example.jp', nowMs + 710 * dayMs);
  expect(later.cert).not.toBe(first.cert);
  const other = await ownCertificate(folder, 'mail.example.jp', nowMs + 710 * dayMs);
  expect(new X509Certificate(other.cert).checkHost('mail.example.jp')).toBe('mail.example.jp');
  writeFileSync(join(folder, 'certificate.pem'), 'half');
  const mended = await ownCertificate(folder, 'mail.example.jp', nowMs + 710 * dayMs);
  expect(readFileSync(join(folder, 'certificate.pem'), 'utf8')).toBe(mended.cert);
});
