import { AppError } from '../../base/index.ts';
import { normaliseAddress } from '../../contacts/index.ts';
import type { Command } from '../command.ts';
import { scopeOptions, targetOf } from '../suppression-target.ts';
import { parseDeadline } from '../time-option.ts';

const reasons = ['unsubscribed', 'complained', 'bounced', 'manual'] as const;

/** `todoku suppression add`: nobody sends to these addresses any more. */
export const suppressionAdd: Command = {
  name: 'suppression add',
  summary: { ja: '以後このアドレスへ送らない', en: 'never send to these addresses again' },
  arguments: [
    {
      name: 'address',
      variadic: true,
      doc: {
        ja: 'アドレス（何件でも）。--scope domain ならドメイン',
        en: 'one or more addresses; domains with --scope domain',
      },
    },
  ],
  options: [
    {
      flags: '--reason <reason>',
      choices: reasons,
      doc: { ja: '理由（省略時は manual）', en: 'why; manual when left out' },
    },
    ...scopeOptions,
    {
      flags: '--until <time>',
      doc: {
        ja: 'いつまで（30d、2026-01-31 など。省略時は解除するまで）',
        en: 'until when: 30d, 2026-01-31; else until lifted',
      },
    },
    { flags: '--note <text>', doc: { ja: '人が読むためのメモ', en: 'a note for people' } },
  ],
  examples: [
    {
      line: 'todoku suppression add --scope domain example.jp --note "取引終了"',
      doc: { ja: 'example.jp のどのアドレスへも送りません', en: 'sends to nobody at example.jp' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const reason = reasons.find((each) => each === input.option('reason')) ?? 'manual';
      const atMs = context.clock.now();
      const until = input.option('until');
      const facts = {
        ...targetOf(input),
        reason,
        source: 'cli',
        atMs,
        note: input.option('note') ?? '',
        untilMs: until === undefined ? null : parseDeadline({ option: 'until', text: until, nowMs: atMs }),
      };
      const isDomain = facts.scope === 'domain';
      const batch = input
        .argumentsFrom(0)
        .map((text) => ({ ...facts, address: isDomain ? checkedDomain(text) : checked(text) }));
      const { added } = await product.suppress(batch);
      if (context.json) context.output.printJson({ added });
      else
        context.output.print(
          context.say({ ja: `${added} 件を送信停止にしました`, en: `newly suppressed: ${added}` }),
        );
      return 0;
    }),
};

function checked(text: string): string {
  const read = normaliseAddress(text);
  if (read.ok) return read.text;
  throw new AppError({
    code: 'suppression-bad-address',
    message: { ja: `${text}: ${read.reason.ja}`, en: `${text}: ${read.reason.en}` },
  });
}

/** A domain is right when an address at it is. */
function checkedDomain(text: string): string {
  const name = text.replace(/^(\*?@)/, '');
  const address = name.includes('@') ? '' : checked(`postmaster@${name}`);
  if (address !== '') return address.slice(address.lastIndexOf('@') + 1);
  throw new AppError({
    code: 'suppression-not-a-domain',
    message: { ja: `${text} はドメインではありません`, en: `${text} is not a domain` },
    hint: {
      ja: '--scope domain には example.jp のように書いてください',
      en: 'with --scope domain write it as example.jp',
    },
  });
}
