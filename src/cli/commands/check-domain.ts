import { isIP } from 'node:net';
import { AppError } from '../../base/index.ts';
import type { Bilingual } from '../../base/index.ts';
import { domainParts } from '../../deliverability/index.ts';
import { readDomain } from '../../protocol/message/index.ts';
import { showCheck } from '../check-answer.ts';
import type { Command, CommandContext } from '../command.ts';
import type { DomainAnswer } from '../ports.ts';
import { textColumns } from '../output.ts';
import { createProgress } from '../progress.ts';
import { wrapText } from '../wrap-text.ts';

/** `todoku check domain`: whether what a domain publishes lets its mail arrive. */
export const checkDomain: Command = {
  name: 'check domain',
  summary: {
    ja: 'ドメインの DNS（MX・SPF・DKIM・DMARC など）と送信元を調べ、各社の要件と照らし合わせる',
    en: 'look at the DNS of a domain (MX, SPF, DKIM, DMARC …) and its sources, and at the rules of providers',
  },
  arguments: [{ name: 'name', doc: { ja: '調べるドメイン', en: 'the domain' } }],
  options: [
    {
      flags: '--ip <ip>',
      repeatable: true,
      doc: {
        ja: '送信元の IP アドレス（省略すると設定の sources）',
        en: 'an address that sends for it; left out: the sources of the configuration',
      },
    },
    {
      flags: '--selector <selector>',
      repeatable: true,
      doc: {
        ja: 'DKIM のセレクター（省略すると設定のもの、なければよく使われるもの）',
        en: 'a DKIM selector; left out: those of the configuration, or the usual ones',
      },
    },
  ],
  examples: [
    {
      line: 'todoku check domain example.jp --ip 203.0.113.5 --selector s1',
      doc: { ja: '設定にないドメインも調べられます', en: 'works for any domain' },
    },
  ],
  run: async (context, input) => {
    const request = {
      domain: domainNamed(input.argument(0) ?? ''),
      ips: input.options('ip').map(ipNamed),
      selectors: input.options('selector').map((selector) => selector.toLowerCase()),
    };
    return await context.withProduct(async (product) => {
      const answer = await watched(context, async (done) => await product.checkDomain(request, done));
      const code = showCheck(context, answer);
      if (!context.json) tellRules(context, answer);
      return code;
    });
  },
};

// A log file or CI output gets a line this often.
const plainEveryMs = 5_000;

/** A server that hangs takes seconds: which parts are still under way is shown meanwhile. */
async function watched<T>(
  { clock, output, json, say }: CommandContext,
  work: (done: (part: string) => void) => Promise<T>,
): Promise<T> {
  const progress = json ? null : createProgress({ stream: output.stderr, clock, plainEveryMs });
  const left = new Set<string>(domainParts);
  const title = say({ ja: '調査中', en: 'looking at' });
  const show = (): void =>
    progress?.update(() => (left.size === 0 ? [] : [`${title}: ${[...left].join(', ')}`]));
  show();
  const done = (part: string): void => {
    left.delete(part);
    show();
  };
  return await work(done).finally(() => progress?.finish());
}

/** A domain as people write it, as A-labels; a usage error else. */
export function domainNamed(text: string): string {
  const domain = readDomain(text.replace(/\.$/, ''));
  if (domain !== null && domain.includes('.') && isIP(domain) === 0) return domain.toLowerCase();
  throw new AppError({
    code: 'usage-domain',
    message: { ja: `「${text}」はドメイン名ではありません`, en: `“${text}” is no domain name` },
    hint: { ja: '例: todoku check domain example.jp', en: 'for example: todoku check domain example.jp' },
  });
}

function ipNamed(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new AppError({
    code: 'usage-ip',
    message: { ja: `--ip「${text}」は IP アドレスではありません`, en: `--ip “${text}” is no IP address` },
  });
}

type Rule = DomainAnswer['rules'][number];

const marks: { readonly [Result in Rule['result']]: string } = { pass: '✓', fail: '✗', unknown: '?' };

function tellRules({ output, say }: CommandContext, { rules }: DomainAnswer): void {
  output.print('');
  output.print(
    say({
      ja: '各社の送信者向け要件（✓ 満たす・✗ 満たさない・? ここからは分からない）',
      en: 'rules of providers for senders (✓ met, ✗ not met, ? cannot be seen from here)',
    }),
  );
  const bulk: Bilingual = { ja: '［大量送信］', en: '[bulk] ' };
  const columns = textColumns(output.stdout);
  let shown = '';
  for (const rule of rules) {
    if (rule.provider !== shown) output.print(say(rule.name));
    shown = rule.provider;
    const text = `${rule.for === 'bulk' ? say(bulk) : ''}${say(rule.text)}`;
    const because = rule.because.length > 0 ? ` (${rule.because.join(', ')})` : '';
    output.print(wrapText(`${text}${because}`, { columns, first: `  ${marks[rule.result]} `, rest: '    ' }));
  }
}
