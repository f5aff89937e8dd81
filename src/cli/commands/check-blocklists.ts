import { isIP } from 'node:net';
import { AppError } from '../../base/index.ts';
import { readDomain } from '../../protocol/message/index.ts';
import { showCheck } from '../check-answer.ts';
import type { Command, CommandContext } from '../command.ts';
import { showListingHistory } from '../listing-history-text.ts';
import { createProgress } from '../progress.ts';

/** `todoku check blocklists`: whether an address or a domain is on a DNS block list. */
export const checkBlocklists: Command = {
  name: 'check blocklists',
  summary: {
    ja: 'IP アドレスやドメインがブロックリストに載っていないか調べる',
    en: 'see whether IP addresses or domains are on DNS block lists',
  },
  arguments: [
    {
      name: 'ip-or-domain',
      optional: true,
      variadic: true,
      doc: {
        ja: '省略すると、設定の sources と domains をすべて調べます',
        en: 'left out: all sources and domains of the configuration',
      },
    },
  ],
  options: [
    {
      flags: '--history',
      doc: {
        ja: '問い合わせずに、`todoku serve` が見張った登録と解除の記録を見る',
        en: 'ask nothing: what `todoku serve` saw of listings and delistings',
      },
    },
  ],
  examples: [
    {
      line: 'todoku check blocklists 192.0.2.1 example.jp',
      doc: { ja: '外れ方も答えます', en: 'says how to leave, too' },
    },
  ],
  run: async (context, input) => {
    const subjects = input.argumentsFrom(0).map(subjectOf);
    if (input.flag('history'))
      return await context.withProduct((product) =>
        Promise.resolve(showListingHistory(context, product, subjects)),
      );
    return await context.withProduct(async (product) =>
      showCheck(context, await watched(context, (onAnswer) => product.checkListings(subjects, onAnswer))),
    );
  },
};

// A log file or CI output gets a line this often.
const plainEveryMs = 5_000;

/** Lists take seconds where they are slow: how many have answered is shown meanwhile. */
async function watched<T>(
  { clock, output, json, say }: CommandContext,
  work: (onAnswer: (answers: number) => void) => Promise<T>,
): Promise<T> {
  const progress = json ? null : createProgress({ stream: output.stderr, clock, plainEveryMs });
  const onAnswer = (answers: number): void =>
    progress?.update(() => [say({ ja: `リストの回答: ${answers}`, en: `answers of lists: ${answers}` })]);
  return await work(onAnswer).finally(() => progress?.finish());
}

function subjectOf(text: string): string {
  const domain = isIP(text) === 0 ? readDomain(text) : text;
  if (domain !== null && (isIP(text) !== 0 || domain.includes('.'))) return domain;
  throw new AppError({
    code: 'usage-ip-or-domain',
    message: {
      ja: `「${text}」は IP アドレスでもドメインでもありません`,
      en: `“${text}” is neither an IP address nor a domain`,
    },
    hint: {
      ja: '例: todoku check blocklists 192.0.2.1 example.jp',
      en: 'for example: todoku check blocklists 192.0.2.1 example.jp',
    },
  });
}
