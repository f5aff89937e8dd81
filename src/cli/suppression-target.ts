import { AppError } from '../base/index.ts';
import type { Suppression, SuppressionScope } from '../contacts/index.ts';
import type { OptionDescription } from './command.ts';
import type { CommandInput } from './command-input.ts';

const scopes = ['address', 'list', 'domain'] as const satisfies readonly SuppressionScope[];

/** What `suppression add` and `remove` may be narrowed or widened by. */
export const scopeOptions: readonly OptionDescription[] = [
  {
    flags: '--scope <scope>',
    choices: scopes,
    doc: { ja: '範囲（省略時は address）', en: 'how far it reaches; address when left out' },
  },
  {
    flags: '--list <name>',
    doc: { ja: 'このリスト（またはキャンペーン）からだけ', en: 'only what this list (or campaign) sends' },
  },
];

/** The scope as given; a named list is a scope by itself. */
export function targetOf(input: CommandInput): Pick<Suppression, 'scope' | 'list'> {
  const list = input.option('list') ?? null;
  const scope = scopes.find((each) => each === input.option('scope')) ?? (list === null ? 'address' : 'list');
  if ((scope === 'list') === (list !== null && list !== '')) return { scope, list };
  throw new AppError({
    code: 'suppression-list-missing',
    message: {
      ja: '--scope list と --list は組み合わせて指定します',
      en: '--scope list and --list belong together',
    },
    hint: { ja: '例: --list 週報', en: 'for example --list weekly' },
  });
}

/** `*@example.jp` for a whole domain, `a@example.jp (list weekly)` for a list. */
export function targetText({
  address,
  scope,
  list,
}: Pick<Suppression, 'address' | 'scope' | 'list'>): string {
  switch (scope) {
    case 'domain':
      return `*@${address}`;
    case 'list':
      return `${address} (list ${list ?? ''})`;
    case 'address':
      return address;
  }
}
