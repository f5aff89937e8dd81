import { generateKeyPairSync, sign } from 'node:crypto';
import { compileContent } from '../src/compose/index.ts';
import type { CompiledContent, Content } from '../src/compose/index.ts';
import { createSigner } from '../src/protocol/dkim/index.ts';

/**
 * CPU time of composing one message: a 2 KB newsletter with 11 slots, variants interleaved, medians of rounds.
 * `npx node bench/compose.ts`
 */
const rounds = 15;
const messagesPerRound = 100;

const paragraph =
  '<p style="margin:0 0 16px">秋の新作が入荷しました。{{ name }}様のお近くの{{ shop }}でお待ちしております。</p>\n';
const html = `<html><body><h1>{{ name }}様へ</h1>\n${paragraph.repeat(4)}<p>ポイント: {{ points }}</p>
<p><a href="https://example.jp/c/{{ code }}">クーポンを使う</a></p>\n${'<p>The autumn collection has arrived; have a look.</p>\n'.repeat(16)}</body></html>`;
const text = `{{ name }}様へ\n\n${'秋の新作が入荷しました。\n'.repeat(6)}ポイント: {{ points }}\n`;

const content = (change: Partial<Content>): Content => ({
  from: '届くショップ <news@example.jp>',
  replyTo: null,
  subject: '{{ name }}様へ秋のお知らせ',
  html: { name: 'newsletter.html', source: html },
  text: null,
  defaults: {},
  ...change,
});

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsa = createSigner({ domain: 'example.jp', selector: 'r', key: privateKey, algorithm: 'rsa-sha256' });
const ed = createSigner({
  domain: 'example.jp',
  selector: 'e',
  key: generateKeyPairSync('ed25519').privateKey,
  algorithm: 'ed25519-sha256',
});

function composing(compiled: CompiledContent): (index: number) => void {
  return (index) => {
    const variables = {
      email: `r${index}@example.com`,
      name: `山田${index}`,
      shop: '新宿店',
      points: String(index * 7),
      code: `c${index}`,
    };
    const result = compiled.compose(
      { address: `r${index}@example.com`, variables },
      {
        messageId: `<c-1.${index}@example.jp>`,
        dateMs: 1_790_000_000_000,
        unsubscribe: {
          url: `https://example.jp/u/n${index}-abcdefghijklmnop`,
          mailto: `u-n${index}@example.jp`,
        },
        feedbackId: 'c-1:example.jp:campaign:todoku',
      },
    );
    if ('failure' in result) throw new Error(result.failure);
  };
}

const block = Buffer.alloc(800, 'x');
const variants: readonly (readonly [string, (index: number) => void])[] = [
  ['crypto.sign RSA-2048 alone', () => void sign('sha256', block, privateKey)],
  [
    'HTML + own text, unsigned',
    composing(compileContent(content({ text: { name: 't.txt', source: text } }), { signers: [] })),
  ],
  ['HTML, text made from it, unsigned', composing(compileContent(content({}), { signers: [] }))],
  [
    'HTML, text converted per message, unsigned',
    composing(
      compileContent(content({ html: { name: 'h', source: `${html}{% capture x %}{% endcapture %}` } }), {
        signers: [],
      }),
    ),
  ],
  ['HTML, text made from it, Ed25519', composing(compileContent(content({}), { signers: [ed] }))],
  ['HTML, text made from it, RSA-2048', composing(compileContent(content({}), { signers: [rsa] }))],
];

const timesMs = variants.map((): number[] => []);
for (let round = 0; round < rounds; round += 1) {
  for (const [at, [, run]] of variants.entries()) {
    const before = process.cpuUsage();
    for (let index = 0; index < messagesPerRound; index += 1) run(index);
    const spent = process.cpuUsage(before);
    timesMs[at]?.push((spent.user + spent.system) / 1000 / messagesPerRound);
  }
}

console.log(
  `compose, ms of CPU per message (HTML ${Buffer.byteLength(html)} octets), median of ${rounds} interleaved rounds:`,
);
for (const [at, [name]] of variants.entries()) {
  const sorted = (timesMs[at] ?? []).toSorted((a, b) => a - b);
  console.log(`${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(3)}  ${name}`);
}
