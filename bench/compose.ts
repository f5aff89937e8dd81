import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { Liquid } from 'liquidjs';
import { compileContent, recycleMessage } from '../src/compose/index.ts';
import type { CompiledContent, Content } from '../src/compose/index.ts';
import { createSigner } from '../src/protocol/dkim/index.ts';
import { loads } from './load.ts';

/**
 * CPU time of composing one message, variants interleaved, medians of rounds: the messages of the whole bench (2 KB with
 * 11 slots, 40 KB with 54) and a newsletter in Japanese. `npx node bench/compose.ts`
 */
const rounds = 15;
const messagesPerRound = 500;

type Values = Readonly<Record<string, string>>;
type Variant = {
  readonly name: string;
  readonly values: (index: number) => Values;
  readonly run: (values: Values, index: number) => void;
};

const paragraph =
  '<p style="margin:0 0 16px">秋の新作が入荷しました。{{ name }}様のお近くの{{ shop }}でお待ちしております。</p>\n';
const html = `<html><body><h1>{{ name }}様へ</h1>\n${paragraph.repeat(4)}<p>ポイント: {{ points }}</p>
<p><a href="https://example.jp/c/{{ code }}">クーポンを使う</a></p>\n${'<p>The autumn collection has arrived; have a look.</p>\n'.repeat(16)}</body></html>`;
const chosen = `${html}{% for i in (1..10) %}<p>{{ forloop.index }} {{ name | upcase }}
{% if points > 10 and shop != blank %}{{ shop | default: "x" }}{% else %}-{% endif %}</p>{% endfor %}`;

const content = (source: string, text: string | null, subject: string): Content => ({
  from: '届くショップ <news@example.jp>',
  replyTo: null,
  subject,
  html: { name: 'newsletter.html', source },
  text: text === null ? null : { name: 'newsletter.txt', source: text },
  defaults: {},
});

// Through JSON, as rows of the store come: texts that are put together by JavaScript would be slower to read once.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was written is read back
const flat = (values: Values): Values => JSON.parse(JSON.stringify(values)) as Values;
const person = (index: number): Values =>
  flat({ name: `山田${index}`, shop: '新宿店', points: String(index * 7), code: `c${index}` });

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signer = createSigner({
  domain: 'example.jp',
  selector: 'r',
  key: privateKey,
  algorithm: 'rsa-sha256',
});

const ed25519 = generateKeyPairSync('ed25519').privateKey;
// The quickest signature, to be taken off: what is left is all of composing, canonicalising and hashing.
const quick = createSigner({
  domain: 'example.jp',
  selector: 'e',
  key: ed25519,
  algorithm: 'ed25519-sha256',
});

function composing(compiled: CompiledContent): Variant['run'] {
  return (variables, index) => {
    const result = compiled.compose(
      { address: `user${index}@example.jp`, variables },
      {
        messageId: `<c-1.${index}@example.jp>`,
        dateMs: 1_790_000_000_000 + index,
        unsubscribe: {
          url: `https://example.jp/u/n${index}-abcdefghijklmnop`,
          mailto: `unsubscribe+n${index}@example.jp`,
        },
        feedbackId: 'c-1:example.jp:campaign:todoku',
      },
    );
    if ('failure' in result) throw new Error(result.failure);
    recycleMessage(result.bytes);
  };
}

const variants: Variant[] = [];
for (const load of loads) {
  const values = (index: number): Values =>
    flat(
      Object.fromEntries(
        Array.from({ length: load.slots }, (_, slot) => [`v${slot}`, `value${index}x${slot}`]),
      ),
    );
  const unsigned = compileContent(content(load.html, load.text, 'Hello {{ v0 }}'), { signers: [] });
  const hashed = compileContent(content(load.html, load.text, 'Hello {{ v0 }}'), { signers: [quick] });
  const liquid = new Liquid({ outputEscape: 'escape' });
  const parts = [load.html, load.text].map((source) => liquid.parse(source));
  const octets = Buffer.alloc(load.octets, 'x');
  variants.push(
    { name: `${load.name}: composed, unsigned`, values, run: composing(unsigned) },
    { name: `${load.name}: composed, signed with Ed25519`, values, run: composing(hashed) },
    {
      name: `${load.name}: both templates by liquidjs alone`,
      values,
      run: (scope) => parts.forEach((part) => void liquid.renderSync(part, scope)),
    },
    {
      name: `${load.name}: SHA-256 of as many octets`,
      values,
      run: () => void hash('sha256', octets, 'base64'),
    },
  );
}
const japanese = '{{ name }}様へ秋のお知らせ';
for (const [name, source] of [
  ['Japanese', content(html, '{{ name }}様へ\n', japanese)],
  ['Japanese, text made from the HTML', content(html, null, japanese)],
  ['Japanese, loop, conditions and filters', content(chosen, '{{ name }}様へ\n', japanese)],
] as const) {
  variants.push({
    name: `${name}: unsigned`,
    values: person,
    run: composing(compileContent(source, { signers: [] })),
  });
}
variants.push(
  {
    name: 'Japanese: signed',
    values: person,
    run: composing(compileContent(content(html, null, japanese), { signers: [signer] })),
  },
  {
    name: 'crypto.sign Ed25519 alone',
    values: person,
    run: () => void sign(null, Buffer.alloc(32, 'x'), ed25519),
  },
  {
    name: 'crypto.sign RSA-2048 alone',
    values: person,
    run: () => void sign('sha256', Buffer.alloc(800, 'x'), privateKey),
  },
);

// Made before, and the same in each round: making and collecting rows is no part of composing.
const rows = variants.map(({ values }) =>
  Array.from({ length: messagesPerRound }, (_, index) => values(index)),
);
const timesMs = variants.map((): number[] => []);
let count = 0;
for (let round = 0; round < rounds; round += 1) {
  for (const [at, { run }] of variants.entries()) {
    const before = process.cpuUsage();
    for (const row of rows[at] ?? []) run(row, (count += 1));
    const spent = process.cpuUsage(before);
    timesMs[at]?.push((spent.user + spent.system) / 1000 / messagesPerRound);
  }
}

console.log(`compose, ms of CPU per message, median (and least) of ${rounds} interleaved rounds:`);
for (const [at, { name }] of variants.entries()) {
  const sorted = (timesMs[at] ?? []).toSorted((a, b) => a - b);
  const [median, least] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted[0] ?? 0];
  console.log(`${median.toFixed(4)}  (${least.toFixed(4)})  ${name}`);
}
