import { showRecords } from '../domain-records.ts';
import type { Command } from '../command.ts';
import { domainNamed } from './check-domain.ts';

/** `todoku domain verify`: whether the records are published. */
export const domainVerify: Command = {
  name: 'domain verify',
  summary: {
    ja: '必要な DNS レコードがすべて登録されたかを確かめる',
    en: 'see whether all DNS records that a domain needs are published',
  },
  arguments: [{ name: 'name', doc: { ja: '差出人のドメイン', en: 'the author domain' } }],
  run: async (context, input) => {
    const { output, say } = context;
    const domain = domainNamed(input.argument(0) ?? '');
    return await context.withProduct(async (product) => {
      const answer = await product.verifyDomain(domain);
      if (context.json) output.printJson(answer);
      else {
        showRecords(context, answer.records);
        output.print('');
        output.print(
          answer.keys === 0
            ? say({
                ja: `DKIM の鍵がありません: todoku domain setup ${domain}`,
                en: `there is no DKIM key: todoku domain setup ${domain}`,
              })
            : answer.verified
              ? say({
                  ja: '必要なレコードはすべて登録されています',
                  en: 'every record that is needed is in place',
                })
              : say({ ja: '足りないレコードがあります', en: 'some records are lacking' }),
        );
      }
      return answer.verified ? 0 : 1;
    });
  },
};
