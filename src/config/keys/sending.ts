import type { SendingDomain, SigningKey, Source, SourceWarmup } from '../config.ts';
import { domainName, greetingName, ipAddress, webAddress } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf, objectOf, optional } from '../list-types.ts';
import { boolean, choice, date, filePath, nameOrFile, text } from '../scalar-types.ts';

const warmup = objectOf<SourceWarmup>({
  start: {
    type: date,
    doc: { en: 'First day (UTC), such as `2026-11-24`.', ja: '最初の日（UTC）。例: `2026-11-24`。' },
  },
  plan: {
    type: nameOrFile,
    fallback: { value: 'default' },
    doc: {
      en: 'A plan of `knowledge/warmup.yaml` or of your own `knowledge.folders`, or a file like it, whose first plan is taken.',
      ja: '`knowledge/warmup.yaml` か自分の `knowledge.folders` にある計画の名前、または同じ書式のファイル（最初の計画を使う）。',
    },
  },
});

const source = objectOf<Source>({
  ip: {
    type: ipAddress,
    doc: { en: 'Local IP address to send from.', ja: '送信元にするこのマシンの IP アドレス。' },
  },
  hostname: {
    type: greetingName,
    doc: { en: 'Name to greet with (EHLO) from this address.', ja: 'このアドレスから EHLO で名乗る名前。' },
  },
  pool: {
    type: text,
    fallback: { value: 'default' },
    doc: { en: 'Name of the pool it belongs to.', ja: '所属するプールの名前。' },
  },
  warmup: {
    type: optional(warmup),
    fallback: { value: null },
    doc: {
      en: 'How it is warmed up; without it, it is warm. What it may not send yet goes out from warm sources of its pool, or waits.',
      ja: '慣らし方。書かなければ慣らし済み。まだ送れない分は同じプールの慣らし済みの送信元から送るか、翌日を待ちます。',
    },
  },
});

const signingKey = objectOf<SigningKey>({
  selector: {
    // RFC 6376 §3.1: a selector has the syntax of a domain name's labels.
    type: domainName,
    doc: {
      en: 'Selector: the public key is in DNS at `<selector>._domainkey.<name>`.',
      ja: 'セレクター。公開鍵は DNS の `<selector>._domainkey.<name>` に置きます。',
    },
  },
  key: { type: filePath, doc: { en: 'File with the private key (PEM).', ja: '秘密鍵のファイル（PEM）。' } },
  algorithm: {
    type: choice(['rsa-sha256', 'ed25519-sha256']),
    fallback: { value: 'rsa-sha256' },
    doc: { en: 'Signing algorithm; must fit the key.', ja: '署名アルゴリズム。鍵の種類に合わせます。' },
  },
});

const domain = objectOf<SendingDomain>({
  name: { type: domainName, doc: { en: 'The domain.', ja: 'ドメイン名。' } },
  returnPath: {
    type: domainName,
    fallback: { sameAs: 'name' },
    doc: {
      en: 'Domain of the envelope sender, where bounces come back to.',
      ja: 'エンベロープ送信者のドメイン。バウンスの戻り先です。',
    },
  },
  dkim: {
    type: listOf(signingKey),
    fallback: { value: [] },
    doc: {
      en: 'DKIM keys; every message is signed with each.',
      ja: 'DKIM の鍵。全メールにそれぞれで署名します。',
    },
  },
  unsubscribeUrl: {
    type: optional(webAddress),
    fallback: { value: null },
    doc: {
      en: 'Base of the one-click unsubscribe links of this domain, instead of `http.publicUrl`.',
      ja: 'このドメインのワンクリック解除リンクの起点（`http.publicUrl` の代わり）。',
    },
  },
  sandbox: {
    type: boolean,
    fallback: { value: false },
    doc: {
      en: 'Test mode: what applications send for it is captured (`todoku inbox`) and never leaves.',
      ja: 'テストモード。アプリケーションのメールは外へ送らず、`todoku inbox` で見られるように取り置きます。',
    },
  },
});

export const sendingKeys: SectionKeys<'sources' | 'domains'> = {
  sources: {
    type: listOf(source),
    default: [],
    doc: {
      en: 'IP addresses to send from; empty: the system chooses one.',
      ja: '送信元の IP アドレス。空ならシステムが選びます。',
    },
    applies: 'restart',
  },
  domains: {
    type: listOf(domain),
    default: [],
    doc: {
      en: 'Domains that mail is sent for, with their DKIM keys.',
      ja: '差出人になるドメインと、その DKIM 鍵。',
    },
    applies: 'reload',
  },
};
