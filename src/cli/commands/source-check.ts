import type { Bilingual } from '../../base/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { SourceCheck } from '../ports.ts';
import { sourceNamed } from '../source-text.ts';

/** `todoku source check`: whether the sending addresses can be used, and have names that point at each other. */
export const sourceCheck: Command = {
  name: 'source check',
  summary: {
    ja: '送信元の IP アドレスが使えるか、EHLO 名と逆引きが一致するかを調べる',
    en: 'check that sending addresses can be used, and that EHLO name and reverse DNS agree',
  },
  arguments: [{ name: 'ip', optional: true, doc: { ja: '1 つだけ調べる', en: 'only this one' } }],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const ip = input.argument(0) ?? null;
      if (ip !== null) sourceNamed(product.listSources(), ip);
      const sources = await product.checkSources(ip);
      if (context.json) context.output.printJson({ sources });
      else tell(context, sources);
      const isWrong = sources.some(({ findings }) => findings.some(({ result }) => result === 'wrong'));
      return isWrong ? 1 : 0;
    }),
};

type Finding = SourceCheck['findings'][number];

const names: { readonly [Id in Finding['id']]: Bilingual } = {
  'local-address': { ja: 'このマシンのアドレスか', en: 'address of this machine' },
  'forward-name': { ja: 'EHLO 名の正引き', en: 'EHLO name points to it' },
  'reverse-name': { ja: '逆引き（PTR）', en: 'reverse DNS (PTR) gives that name' },
};

const cures: { readonly [Id in Finding['id']]: Bilingual } = {
  'local-address': {
    ja: 'このアドレスをネットワークインターフェースに割り当ててください',
    en: 'assign the address to a network interface of this machine',
  },
  'forward-name': {
    ja: 'EHLO 名の A・AAAA レコードにこのアドレスを加えてください',
    en: 'add the address to the A or AAAA records of that name',
  },
  'reverse-name': {
    ja: '回線・サーバー事業者に、逆引きをこの名前にするよう依頼してください',
    en: 'ask whoever gave you the address to set its reverse DNS to that name',
  },
};

const results: { readonly [Result in Finding['result']]: Bilingual } = {
  ok: { ja: '正常', en: 'ok' },
  wrong: { ja: '要対応', en: 'wrong' },
  unknown: { ja: '不明', en: 'unknown' },
};

function tell({ output, say }: CommandContext, sources: readonly SourceCheck[]): void {
  if (sources.length === 0)
    output.print(say({ ja: '設定に sources がありません', en: 'no sources are configured' }));
  for (const { ip, hostname, findings } of sources) {
    output.print(`${ip}  ${hostname}`);
    for (const { id, result, evidence } of findings) {
      output.print(`  ${say(results[result])}  ${say(names[id])}: ${evidence}`);
      if (result === 'wrong') output.print(`    → ${say(cures[id])}`);
    }
  }
}
