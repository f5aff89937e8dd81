import { showRecords } from '../domain-records.ts';
import type { Command } from '../command.ts';
import { domainNamed } from './check-domain.ts';

/** `todoku domain setup`: the key, and the DNS records to publish. */
export const domainSetup: Command = {
  name: 'domain setup',
  summary: {
    ja: 'DKIM の鍵を作り、ドメインに登録する DNS レコードを示す',
    en: 'make a DKIM key, and show the DNS records to publish for a domain',
  },
  arguments: [{ name: 'name', doc: { ja: '差出人のドメイン', en: 'the author domain' } }],
  options: [
    {
      flags: '--zone',
      doc: { ja: 'ゾーンファイルの形で出力する', en: 'print the records as lines of a zone file' },
    },
  ],
  examples: [
    {
      line: 'todoku domain setup example.jp --zone',
      doc: { ja: '今の SPF に送信元を足した形で示します', en: 'SPF is merged with what stands there now' },
    },
  ],
  run: async (context, input) => {
    const { output, say } = context;
    const domain = domainNamed(input.argument(0) ?? '');
    return await context.withProduct(async (product) => {
      const setup = await product.setUpDomain(domain);
      if (context.json) output.printJson(setup);
      else if (input.flag('zone')) output.print(setup.zone.trimEnd());
      else {
        for (const { file, selector, made } of setup.keys)
          output.print(
            made
              ? say({
                  ja: `DKIM の鍵を作りました: ${file}（セレクター ${selector}）`,
                  en: `made a DKIM key: ${file} (selector ${selector})`,
                })
              : say({
                  ja: `DKIM の鍵: ${file}（セレクター ${selector}）`,
                  en: `DKIM key: ${file} (selector ${selector})`,
                }),
          );
        output.print('');
        showRecords(context, setup.records);
        if (setup.configuration !== null) {
          output.print('');
          output.print(
            say({ ja: '設定ファイル（todoku.yaml）に加える行:', en: 'to be added to todoku.yaml:' }),
          );
          output.print(setup.configuration.trimEnd());
        }
        output.print('');
        output.print(
          say({
            ja: `登録したら: todoku domain verify ${domain}`,
            en: `when they are published: todoku domain verify ${domain}`,
          }),
        );
      }
      return 0;
    });
  },
};
