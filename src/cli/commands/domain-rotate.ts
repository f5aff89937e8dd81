import type { Bilingual } from '../../base/index.ts';
import type { Command } from '../command.ts';
import type { RotationAnswer } from '../ports.ts';
import { domainNamed } from './check-domain.ts';

/** `todoku domain rotate`: from the old DKIM key to a new one, a step at each call. */
export const domainRotate: Command = {
  name: 'domain rotate',
  summary: {
    ja: 'DKIM の鍵を新しいものに替える（実行するたびに、次にすることを示す）',
    en: 'change the DKIM key; each call says what comes next',
  },
  arguments: [{ name: 'name', doc: { ja: '差出人のドメイン', en: 'the author domain' } }],
  options: [
    {
      flags: '--new',
      doc: {
        ja: '前の交換が終わっているとき、次の交換を始める',
        en: 'begin another change after the last one is done',
      },
    },
  ],
  run: async (context, input) => {
    const { output, say } = context;
    const domain = domainNamed(input.argument(0) ?? '');
    return await context.withProduct(async (product) => {
      const answer = await product.rotateKeys({ domain, isNew: input.flag('new') });
      if (context.json) output.printJson(answer);
      else for (const line of linesOf(answer)) output.print(typeof line === 'string' ? line : say(line));
      return 0;
    });
  },
};

function linesOf(answer: RotationAnswer): readonly (Bilingual | string)[] {
  const { rotation, step, publish, revoke, configuration, domain } = answer;
  const again: Bilingual = {
    ja: `終わったら、もう一度: todoku domain rotate ${domain}`,
    en: `then again: todoku domain rotate ${domain}`,
  };
  switch (step.kind) {
    case 'publish':
      return [
        { ja: '1. 新しい公開鍵を DNS に登録してください', en: '1. publish the new public key' },
        `${publish.name}  TXT`,
        `  ${publish.value}`,
        again,
      ];
    case 'switch':
      return [
        {
          ja: '2. 新しい鍵は登録されました。設定ファイルの鍵をこのように替え、todoku を再起動してください',
          en: '2. the new key is published; change todoku.yaml like this and restart todoku',
        },
        configuration.trimEnd(),
        again,
      ];
    case 'wait':
      return [
        {
          ja: `3. 新しい鍵で署名しています。前の鍵の署名があるメールが残っているので、${step.until} まで前の公開鍵を残してください`,
          en: `3. the new key signs; leave the old one published until ${step.until}, as mail signed with it is still on its way`,
        },
        again,
      ];
    case 'revoke':
      return [
        {
          ja: '4. 前の鍵を失効させてください（値を次のように変える）',
          en: '4. revoke the old key: change its record to',
        },
        ...revoke.flatMap(({ name, value }) => [`${name}  TXT`, `  ${value}`]),
        again,
      ];
    case 'done':
      return [
        {
          ja: `鍵の交換は終わりました（${rotation.revoked ?? ''}、セレクター ${rotation.selector}）。次の交換は --new で始めます`,
          en: `the change is done (${rotation.revoked ?? ''}, selector ${rotation.selector}); --new begins another`,
        },
      ];
  }
}
