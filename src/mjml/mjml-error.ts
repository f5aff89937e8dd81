import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { LiquidToken } from './liquid-token.ts';

export type Place = { readonly name: string; readonly line: number };

/** What is wrong with the MJML itself. */
export function mjmlError({ name, line }: Place, what: Bilingual, hint?: Bilingual): AppError {
  return new AppError({
    code: 'template-mjml',
    message: {
      ja: `テンプレート ${name}:${line}: ${what.ja}`,
      en: `template ${name}:${line}: ${what.en}`,
    },
    hint: hint ?? {
      ja: 'テンプレートのその行を直してください（MJML の書き方: docs/templates.md）',
      en: 'mend that line of the template (MJML: docs/templates.md)',
    },
  });
}

/** Liquid of which it cannot be shown that it means after MJML what it meant before. */
export function liquidError({ name, line }: Place, what: Bilingual, hint: Bilingual): AppError {
  return new AppError({
    code: 'template-mjml-liquid',
    message: {
      ja: `テンプレート ${name}:${line}: ${what.ja}`,
      en: `template ${name}:${line}: ${what.en}`,
    },
    hint,
  });
}

/** Liquid in a tag, but in no value. */
export function misplaced(name: string, { line, text }: LiquidToken): AppError {
  return liquidError(
    { name, line },
    {
      ja: `${shown(text)} は MJML のタグの中のこの場所には書けません`,
      en: `${shown(text)} cannot stand at this place of an MJML tag`,
    },
    {
      ja: 'タグの中では、属性の値（引用符の中）にだけ書けます',
      en: 'inside a tag it may stand in the quoted value of an attribute only',
    },
  );
}

/** A piece of Liquid in a message: one line, not longer than one likes to read. */
export function shown(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
