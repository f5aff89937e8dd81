import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeyRecord } from '../../src/protocol/dkim/index.ts';
import type { DkimAlgorithm } from '../../src/protocol/dkim/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type CampaignPlan = {
  readonly host?: string;
  /** Where everything is routed to. */
  readonly port: number;
  readonly addresses: readonly string[];
  readonly algorithms?: readonly DkimAlgorithm[];
};

/** What a verifier knows of a key: its public half, and the TXT record. */
export type PublishedKey = {
  readonly algorithm: DkimAlgorithm;
  readonly key: KeyObject;
  readonly record: string;
};

export type CampaignFolder = {
  readonly folder: string;
  /** Arguments of `todoku` that send the campaign. */
  readonly send: readonly string[];
  /** By DNS name. */
  readonly keys: ReadonlyMap<string, PublishedKey>;
};

export const senderDomain = 'news.example';

/** A folder as somebody who runs `todoku send` has it: todoku.yaml, keys, a template of about 1 KB and a list. */
export function campaignFolder(plan: CampaignPlan): CampaignFolder {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'data'));
  const algorithms = plan.algorithms ?? ['ed25519-sha256'];
  const made = algorithms.map((algorithm) => makeKey(folder, algorithm));
  const dkim = algorithms.map((algorithm) => ({ selector: algorithm, key: `${algorithm}.pem`, algorithm }));
  const config = {
    delivery: {
      hostname: `mail.${senderDomain}`,
      routes: [{ domain: '*', host: plan.host ?? '127.0.0.1', port: plan.port }],
    },
    domains: [{ name: senderDomain, dkim }],
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  writeFileSync(join(folder, 'news.html'), template);
  writeFileSync(join(folder, 'list.csv'), listOf(plan.addresses));
  return {
    folder,
    send: [
      'send',
      '--from',
      `届く商店 <news@${senderDomain}>`,
      '--subject',
      '{{ name }}様へのお知らせ',
      '--template',
      'news.html',
      '--recipients',
      'list.csv',
      '--json',
    ],
    keys: new Map(made),
  };
}

/** A word of the body that only the mail of this row of the list has. */
export function codeOf(row: number): string {
  return `CODE-${row}-`;
}

const template = `<p>{{ name }}様</p><p>{{ code }}</p>${'<p>いつもありがとうございます。</p>'.repeat(2)}`;

function listOf(addresses: readonly string[]): string {
  const rows = addresses.map((address, row) => `${address},名前${row},${codeOf(row)}`);
  return ['email,name,code', ...rows, ''].join('\n');
}

function makeKey(folder: string, algorithm: DkimAlgorithm): [string, PublishedKey] {
  const pair =
    algorithm === 'rsa-sha256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ed25519');
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(folder, `${algorithm}.pem`), pem, { mode: 0o600 });
  const record = publicKeyRecord({ key: pair.privateKey, algorithm });
  return [`${algorithm}._domainkey.${senderDomain}`, { algorithm, key: pair.publicKey, record }];
}
