import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { checkMessage, loadContentSignals } from '../../src/deliverability/index.ts';
import type { AskLink, MessageFindings, SpamFilter } from '../../src/deliverability/index.ts';
import { createFindings, loadFindingTexts } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import type { DnsAnswer, Resolver } from '../../src/net/dns/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

const folder = defaultKnowledgeFolder();
const finding = createFindings(loadFindingTexts(folder));
const signals = loadContentSignals(folder);

/** When all mails of these worlds are looked at. */
export const nowMs = Date.UTC(2026, 10, 24, 0, 5, 0);

const rsa = (modulusLength: number): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } =>
  generateKeyPairSync('rsa', { modulusLength });
export const keys = { sound: rsa(2_048), short: rsa(1_024), weak: rsa(768) };

const facing = { ttlSeconds: 60, authenticated: false };

export function keyRecord(key: KeyObject, tags = ''): string {
  return `v=DKIM1; k=rsa; ${tags}p=${key.export({ type: 'spki', format: 'der' }).toString('base64')}`;
}

/** TXT records by name; `silent`: the servers do not answer. */
export type Zones = Readonly<Record<string, string>>;

export const goodZones: Zones = {
  'news._domainkey.shop.example': keyRecord(keys.sound.publicKey),
  'short._domainkey.shop.example': keyRecord(keys.short.publicKey),
  'weak._domainkey.shop.example': keyRecord(keys.weak.publicKey),
  'bounce.shop.example': 'v=spf1 ip4:192.0.2.10 -all',
  '_dmarc.shop.example': 'v=DMARC1; p=reject',
};

function resolverOf(zones: Zones): Resolver {
  const no: DnsAnswer<never> = { kind: 'nxdomain', ...facing };
  const nothing = (): Promise<DnsAnswer<never>> => Promise.resolve(no);
  const txt = (name: string): Promise<DnsAnswer<string>> => {
    const record = zones[name];
    if (record === 'silent')
      return Promise.resolve({ kind: 'failed', cause: 'timeout', server: '192.0.2.53' });
    return Promise.resolve(record === undefined ? no : { kind: 'found', records: [record], ...facing });
  };
  return {
    mx: nothing,
    a: nothing,
    aaaa: nothing,
    txt,
    tlsa: nothing,
    ptr: nothing,
    cname: nothing,
    close: () => {},
  };
}

const html = [
  '<html><head><style>p{color:#333}</style></head><body>',
  '<div style="display:none">11月の新商品のご案内です</div>',
  '<img src="https://shop.example/logo.png" alt="届く商店">',
  '<p>いつもご利用ありがとうございます。11月の新商品をご紹介します。秋の味覚を取りそろえました。どうぞご覧ください。</p>',
  '<p><a href="https://shop.example/new">新商品を見る</a></p>',
  '<p>株式会社届く商店 〒100-0001 東京都千代田区1-1 お問い合わせ: 03-0000-0000</p>',
  '<p><a href="https://shop.example/out?x=1">配信停止はこちら</a></p>',
  '</body></html>',
].join('\r\n');

const text = [
  'いつもご利用ありがとうございます。11月の新商品をご紹介します。',
  'https://shop.example/new',
  '株式会社届く商店 〒100-0001 東京都千代田区1-1 お問い合わせ: 03-0000-0000',
  '配信停止はこちら https://shop.example/out?x=1',
  '',
].join('\r\n');

/** A part in base64, lines of 76. */
export function base64Of(content: string | Buffer): string {
  return Buffer.from(content)
    .toString('base64')
    .replaceAll(/(.{76})/g, '$1\r\n');
}

export function part(type: string, encoding: string, body: string): string {
  return `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n`;
}

/** The pieces of a newsletter in order; each may be changed before it is signed. */
export type Pieces = { fields: string[]; body: string };

export function newsletter(parts: { readonly html?: string; readonly text?: string } = {}): Pieces {
  return {
    fields: [
      'From: =?UTF-8?B?5bGK44GP5ZWG5bqX?= <news@shop.example>',
      'To: taro@rcpt.example',
      'Subject: =?UTF-8?B?MTHmnIjjga7mlrDllYblk4E=?=',
      'Date: Tue, 24 Nov 2026 09:00:00 +0900',
      'Message-ID: <20261124.1@shop.example>',
      'List-Id: <news.shop.example>',
      'List-Unsubscribe: <https://shop.example/out?x=1>, <mailto:out@shop.example>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary="edge"',
    ],
    body: [
      '--edge',
      part('text/plain; charset=UTF-8', 'base64', base64Of(parts.text ?? text)),
      '--edge',
      part('text/html; charset=UTF-8', 'base64', base64Of(parts.html ?? html)),
      '--edge--',
      '',
    ].join('\r\n'),
  };
}

export const goodHtml = html;
export const goodText = text;

/** A mail of one part, plain text of a person. */
export function letter(type: string, encoding: string, body: string): Pieces {
  const { fields } = newsletter();
  const kept = fields.filter((field) => !/^(?:List|Content)-/.test(field));
  return { fields: [...kept, `Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`], body };
}

export type World = {
  readonly pieces?: Pieces;
  readonly zones?: Zones;
  /** null: unsigned. */
  readonly selector?: 'news' | 'short' | 'weak' | null;
  readonly signing?: Readonly<Record<string, unknown>>;
  /** Changes the mail after signing. */
  readonly later?: (mail: string) => string;
  readonly envelope?: { readonly ip: string; readonly helo: string; readonly sender: string } | null;
  readonly filters?: readonly SpamFilter[];
  readonly askLink?: AskLink;
};

const header =
  'From:To:Subject:Date:Message-ID:List-Id:List-Unsubscribe:List-Unsubscribe-Post:MIME-Version:Content-Type';

export async function makeMail(world: World): Promise<Buffer> {
  const { fields, body } = world.pieces ?? newsletter();
  const mail = Buffer.from(`${fields.join('\r\n')}\r\n\r\n${body}`, 'latin1');
  const selector = world.selector === undefined ? 'news' : world.selector;
  const key = { news: keys.sound, short: keys.short, weak: keys.weak }[selector ?? 'news'];
  const signer = {
    signingDomain: 'shop.example',
    selector: selector ?? '',
    privateKey: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    headerList: header,
    signTime: new Date(nowMs - 60_000),
    ...world.signing,
  };
  const signed =
    selector === null
      ? { signatures: '' }
      : await dkimSign(mail, { ...signer, canonicalization: 'relaxed/relaxed', signatureData: [signer] });
  const trace =
    'Received: from out.shop.example (out.shop.example [192.0.2.10]) by mx.rcpt.example; Tue, 24 Nov 2026 00:00:05 +0000\r\n';
  const whole = `${trace}${signed.signatures}${mail.toString('latin1')}`;
  return Buffer.from(world.later?.(whole) ?? whole, 'latin1');
}

const came = { ip: '192.0.2.10', helo: 'out.shop.example', sender: 'b+1@bounce.shop.example' };

export async function look(world: World = {}): Promise<MessageFindings> {
  const bytes = await makeMail(world);
  return await lookAt(bytes, world);
}

export async function lookAt(bytes: Buffer, world: World = {}): Promise<MessageFindings> {
  return await checkMessage(
    { bytes, envelope: world.envelope === undefined ? came : world.envelope, bulk: false },
    {
      finding,
      signals,
      resolver: resolverOf({ ...goodZones, ...world.zones }),
      clock: new FakeClock(nowMs),
      sizeLimits: [{ provider: 'Small Carrier', octets: 300_000, from: 'test' }],
      freeMail: new Set(['gmail.example']),
      filters: world.filters ?? [],
      askLink: world.askLink ?? null,
    },
  );
}
