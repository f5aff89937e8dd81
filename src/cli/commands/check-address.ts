import { showCheck } from '../check-answer.ts';
import type { Command } from '../command.ts';

/** `todoku check address`: whether an address can be right; its mailbox is never probed. */
export const checkAddress: Command = {
  name: 'check address',
  summary: {
    ja: 'メールアドレスの書き間違いや受け取れないドメインを調べる',
    en: 'find slips in addresses, and domains that take no mail',
  },
  arguments: [{ name: 'address', variadic: true, doc: { ja: '調べるアドレス', en: 'addresses to look at' } }],
  examples: [
    {
      line: 'todoku check address taro@docomo.co.jp hanako@gmial.com',
      doc: { ja: '正しそうなアドレスも答えます', en: 'says what was probably meant' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) =>
      showCheck(context, await product.checkAddresses(input.argumentsFrom(0))),
    ),
};
