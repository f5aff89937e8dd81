import type { Command } from '../command.ts';

/** `todoku check inbox`: an address to send a mail to, to see how it arrives. */
export const checkInbox: Command = {
  name: 'check inbox',
  summary: {
    ja: '診断用のメールアドレスを発行する（そこへ送ると、届いたままの形で診断）',
    en: 'give out an address that checks what is sent to it, as it came',
  },
  examples: [
    {
      line: 'todoku check inbox',
      doc: {
        ja: '表示されたアドレスへ送り、todoku check result で結果を見ます',
        en: 'send a mail there, then look with todoku check result',
      },
    },
  ],
  run: async (context) =>
    await context.withProduct((product) => {
      const { address, id, page } = product.newDiagnosisInbox();
      const { output, say } = context;
      if (context.json) output.printJson({ address, id, page });
      else {
        output.print(address);
        output.print(
          say({
            ja: `このアドレスへ 7 日以内にメールを送り、todoku check result ${id} で結果を見てください`,
            en: `send a mail there within 7 days, then see todoku check result ${id}`,
          }),
        );
        if (page !== null) output.print(page);
      }
      return Promise.resolve(0);
    }),
};
