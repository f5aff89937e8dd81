import { statSync } from 'node:fs';
import { AppError } from '../../base/index.ts';
import { tellAddressList } from '../address-list-text.ts';
import { showCheck } from '../check-answer.ts';
import type { Command, CommandContext } from '../command.ts';
import type { AddressListAnswer, AddressListRequest } from '../check-ports.ts';
import type { Product } from '../ports.ts';
import { barText, createProgress } from '../progress.ts';

// A log file or CI output gets a line this often.
const plainEveryMs = 5_000;
const barColumns = 30;

/** `todoku check address`: whether addresses, or those of a list, can be right; mailboxes are never probed. */
export const checkAddress: Command = {
  name: 'check address',
  summary: {
    ja: 'メールアドレスの書き間違いや受け取れないドメインを調べる',
    en: 'find slips in addresses, and domains that take no mail',
  },
  arguments: [
    {
      name: 'address',
      variadic: true,
      doc: {
        ja: '調べるアドレス。または宛先の CSV ファイル 1 つ（email の列が必要）',
        en: 'addresses to look at, or one CSV file of recipients (column email)',
      },
    },
  ],
  options: [
    {
      flags: '--write <file>',
      doc: {
        ja: 'リストの問題のある行をすべてこの CSV に書く',
        en: 'write all rows of the list with what was found to this CSV',
      },
    },
  ],
  examples: [
    {
      line: 'todoku check address taro@docomo.co.jp hanako@gmial.com',
      doc: { ja: '正しそうなアドレスも答えます', en: 'says what was probably meant' },
    },
    {
      line: 'todoku check address members.csv --write faults.csv',
      doc: { ja: 'リスト全体を調べます', en: 'looks through a whole list' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const given = input.argumentsFrom(0);
      const file = listAmong(given);
      const write = input.option('write') ?? null;
      if (file === null) {
        if (write !== null) throw nothingToWrite();
        return showCheck(context, await product.checkAddresses(given));
      }
      const { language } = context;
      const answer = await lookThrough(context, product, { file, write, language });
      if (context.json) context.output.printJson(answer);
      else tellAddressList(context, answer, write);
      return answer.summary.problem > 0 ? 1 : 0;
    }),
};

/** The file among the arguments; null: they are addresses. */
function listAmong(given: readonly string[]): string | null {
  const file = given.find((text) => isList(text));
  if (file === undefined) return null;
  if (given.length === 1) return file;
  throw new AppError({
    code: 'usage-one-list',
    message: {
      ja: `${file} はファイルなので、ほかのアドレスやファイルと一緒には調べられません`,
      en: `${file} is a file: it cannot be looked at together with others`,
    },
    hint: {
      ja: 'リストは 1 つずつ調べてください',
      en: 'look at one list at a time, and at addresses by themselves',
    },
  });
}

function isList(text: string): boolean {
  // A name that ends like a list and has no @ is one that is missing, which is then said.
  if (!text.includes('@') && /\.(?:csv|tsv|txt)$/i.test(text)) return true;
  return statSync(text, { throwIfNoEntry: false })?.isFile() === true;
}

function nothingToWrite(): AppError {
  return new AppError({
    code: 'usage-write-without-list',
    message: {
      ja: '--write はリストのファイルを調べるときだけ使えます',
      en: '--write goes with a list in a file',
    },
    hint: {
      ja: '例: todoku check address members.csv --write faults.csv',
      en: 'for example: todoku check address members.csv --write faults.csv',
    },
  });
}

async function lookThrough(
  context: CommandContext,
  product: Pick<Product, 'checkAddressList'>,
  request: AddressListRequest,
): Promise<AddressListAnswer> {
  const { say, output, clock } = context;
  const progress = context.json ? null : createProgress({ stream: output.stderr, clock, plainEveryMs });
  const reading = (read: number, total: number, rows: number): void =>
    progress?.update(() => [
      `${say({ ja: '読み取り', en: 'reading' })} ${barText(read / Math.max(1, total), barColumns)} ${rows}`,
    ]);
  return await product
    .checkAddressList(request, { signal: context.interruption(), reading })
    .finally(() => progress?.finish());
}
