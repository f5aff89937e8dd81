import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { measured } from '../deliverability/index.ts';
import type { Measure } from '../deliverability/index.ts';
import type { Finding } from '../findings/index.ts';
import type { CommandContext } from './command.ts';
import type { Dialogue } from './dialogue.ts';
import type { Product } from './ports.ts';

/** The checks that can answer a question of the fault finder. */
export type MeasuringProduct = Pick<Product, 'checkAddresses' | 'checkMailbox' | 'checkStores'>;

export type Measuring = {
  readonly context: CommandContext;
  readonly product: MeasuringProduct;
  readonly dialogue: Dialogue;
};

type Check = Measure['check'];

/** What to enter so that it is checked; whoever enters nothing of the kind is not looked into. */
export const measureOffers: { readonly [Each in Check]: Bilingual } = {
  address: {
    ja: '調べることもできます。メールアドレスを入れると、打ち間違いがないかを確かめます。',
    en: 'This can be checked: enter the mail address, and it is looked at for slips.',
  },
  mailbox: {
    ja: '調べることもできます。メールアドレスを入れると、このパソコンからサーバーへの接続を確かめます（パスワードは使いません）。',
    en: 'This can be checked: enter the mail address, and the way from this machine to its servers is tried, without a password.',
  },
  store: {
    ja: '調べることもできます。メールの保存ファイルかフォルダーのパスを入れると、大きさと壊れを確かめます。',
    en: 'This can be checked: enter the path of the mail file or folder, and its size and state are looked at.',
  },
};

const undecided: Bilingual = {
  ja: '調べた結果からは決まりません。番号で答えてください。',
  en: 'That does not decide it; please answer with a number.',
};

/** Whether a line is meant to be checked, and not the number of an answer. */
export function isMeasurable({ check }: Measure, line: string): boolean {
  return check === 'store' ? /[/\\.~]/.test(line) : line.includes('@');
}

/** The answer that a check gives in the person's place; null: it does not decide. */
export async function measure(measuring: Measuring, how: Measure, line: string): Promise<string | null> {
  const { dialogue, context } = measuring;
  const findings = await look(measuring, how.check, line);
  if (findings === null) return null;
  for (const { advice } of findings) dialogue.say(advice[context.language].title, '  → ');
  const answer = measured(how, findings);
  if (answer === null) dialogue.say(context.say(undecided));
  return answer;
}

/** null: what was entered cannot be looked at, and the person was told. */
async function look(
  { product, context, dialogue }: Measuring,
  check: Check,
  line: string,
): Promise<readonly Finding[] | null> {
  const { output, say, language } = context;
  try {
    switch (check) {
      case 'address':
        return (await product.checkAddresses([line])).findings;
      case 'mailbox':
        return (
          await product.checkMailbox({ ...withoutLogin, address: line }, (step) => output.note(say(step)))
        ).findings;
      case 'store':
        return (
          await product.checkStores([line], { signal: context.interruption(), progress: () => undefined })
        ).findings;
    }
  } catch (error) {
    // A path that is not there is an answer to the person, not the end of the talk.
    if (!(error instanceof AppError)) throw error;
    dialogue.say(error.line(language));
    return null;
  }
}

const withoutLogin = {
  services: [],
  user: null,
  password: null,
  sender: null,
  roundTripMs: null,
  sievePort: null,
};
