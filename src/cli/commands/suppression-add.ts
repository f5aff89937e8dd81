import { AppError } from '../../base/index.ts';
import { normaliseAddress } from '../../contacts/index.ts';
import type { Command } from '../command.ts';

const reasons = ['unsubscribed', 'complained', 'bounced', 'manual'] as const;

/** `todoku suppression add`: nobody sends to these addresses any more. */
export const suppressionAdd: Command = {
  name: 'suppression add',
  summary: { ja: '以後このアドレスへ送らない', en: 'never send to these addresses again' },
  arguments: [
    { name: 'address', variadic: true, doc: { ja: 'アドレス（何件でも）', en: 'one or more addresses' } },
  ],
  options: [
    {
      flags: '--reason <reason>',
      choices: reasons,
      doc: { ja: '理由（省略時は manual）', en: 'why; manual when left out' },
    },
    { flags: '--note <text>', doc: { ja: '人が読むためのメモ', en: 'a note for people' } },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const reason = reasons.find((each) => each === input.option('reason')) ?? 'manual';
      const atMs = context.clock.now();
      const note = input.option('note') ?? '';
      const batch = input
        .argumentsFrom(0)
        .map((text) => ({ address: checked(text), reason, source: 'cli', atMs, note }));
      const { added } = product.suppressions('add').add(batch);
      if (context.json) context.output.printJson({ added });
      else
        context.output.print(
          context.say({ ja: `${added} 件を送信停止にしました`, en: `newly suppressed: ${added}` }),
        );
      return Promise.resolve(0);
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
