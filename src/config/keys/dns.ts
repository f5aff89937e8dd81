import { nameServer } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf } from '../list-types.ts';
import { boolean, duration, integer } from '../scalar-types.ts';

export const dnsKeys: SectionKeys<'dns'> = {
  'dns.servers': {
    type: listOf(nameServer),
    default: [],
    doc: {
      en: 'Name servers to ask; empty means those of the system (`/etc/resolv.conf`).',
      ja: '問い合わせるネームサーバー。空ならシステムの設定（`/etc/resolv.conf`）を使います。',
    },
    applies: 'restart',
  },
  'dns.timeoutMs': {
    type: duration({ minMs: 10, maxMs: 60_000 }),
    // Resolvers answer from their cache in milliseconds and give up upstream after a few seconds; glibc waits 5 s.
    default: 2000,
    doc: {
      en: 'How long to wait for one answer of one server.',
      ja: '1 台のサーバーの 1 回の回答を待つ時間。',
    },
    applies: 'restart',
  },
  'dns.attempts': {
    type: integer({ min: 1, max: 20 }),
    default: 3,
    unit: { en: 'attempts', ja: '回' },
    doc: {
      en: 'How often one question is asked, over all servers, before the look-up counts as failed.',
      ja: '名前解決を失敗とみなすまでに、全サーバーを通して問い合わせる回数。',
    },
    applies: 'restart',
  },
  'dns.trustAd': {
    type: boolean,
    default: false,
    doc: {
      en: 'Believe the servers that an answer is signed (DNSSEC, AD bit), and so use DANE; only for a validating resolver of your own, on this machine or over a safe way.',
      ja: '回答が DNSSEC で検証済み（AD ビット）というサーバーの言葉を信じ、DANE を使います。検証する自前のリゾルバーが、このマシンか安全な経路の先にあるときだけ有効にしてください。',
    },
    applies: 'restart',
  },
};
