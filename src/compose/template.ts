import { LiquidError, UndefinedVariableError } from 'liquidjs';
import type { Liquid, Template as LiquidTemplate } from 'liquidjs';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { ComposeFailure } from './compose-failure.ts';
import { placeInFile } from './source-place.ts';
import type { SourcePlace } from './source-place.ts';

/** One parsed Liquid source. */
export type Template = {
  /** File name, or `subject`. */
  readonly name: string;
  readonly parts: LiquidTemplate[];
  /** Empty when the source is the file itself. */
  readonly places: readonly SourcePlace[];
};

/** Parses a source; what is wrong in it is an `AppError` that names template and line. */
export function parseTemplate(engine: Liquid, name: string, source: string): Template {
  try {
    return { name, parts: engine.parse(source), places: [] };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw syntaxError(name, error);
  }
}

function syntaxError(name: string, error: Error): AppError {
  const what = describe(error);
  // The length limit is the only thing found before there is a place to name.
  const place = LiquidError.is(error) ? `:${error.token.getPosition()[0]}` : '';
  return new AppError({
    code: 'template-syntax',
    message: {
      ja: `テンプレート ${name}${place}: ${what.ja}`,
      en: `template ${name}${place}: ${what.en}`,
    },
    hint: {
      ja: 'テンプレートのその行を直してください(Liquid の書き方: docs/templates.md)',
      en: 'mend that line of the template (Liquid syntax: docs/templates.md)',
    },
    cause: error,
  });
}

/** liquidjs' messages that people meet most, in Japanese; the English text goes along for the rest. */
const knownMessages: readonly { readonly pattern: RegExp; readonly ja: string }[] = [
  { pattern: /^(?:output|tag|raw) (.*) not closed$/s, ja: '$1 が閉じられていません' },
  { pattern: /^undefined filter: (.*)$/, ja: 'フィルター $1 はありません' },
  { pattern: /^tag "(.*)" not found$/, ja: 'タグ $1 はありません' },
  {
    pattern: /^tag "(.*)" reads another template.*$/,
    ja: 'タグ $1 は他のテンプレートを読み込むため、メールでは使えません',
  },
  { pattern: /^undefined variable: (.*)$/s, ja: '変数 $1 がありません' },
  { pattern: /^parse length limit exceeded$/, ja: 'テンプレートが長すぎます' },
  { pattern: /^template render limit exceeded$/, ja: 'テンプレートの処理に時間がかかりすぎます' },
  { pattern: /^memory alloc limit exceeded$/, ja: 'テンプレートの処理がメモリーを使いすぎます' },
];

function describe(error: Error): Bilingual {
  const original = LiquidError.is(error) ? error.originalError : undefined;
  // liquidjs appends the position to its own errors; the original, when there is one, lacks it.
  const en = (original ?? error).message
    .replace(/(?:, file:.*)?, line:\d+, col:\d+$/s, '')
    .replaceAll(/\s+/g, ' ');
  const known = knownMessages.find(({ pattern }) => pattern.test(en));
  const ja = known === undefined ? `書き方が正しくありません(${en})` : en.replace(known.pattern, known.ja);
  return { ja, en };
}

/** The failure of one recipient, in liquidjs' words. */
export function renderFailure({ name, places }: Omit<Template, 'parts'>, error: LiquidError): ComposeFailure {
  const [row = 1, column = 1] = error.token.getPosition();
  const { line } = placeInFile(places, { line: row, column });
  const what = describe(error);
  const text: Bilingual = {
    ja: `${name} の ${line} 行目: ${what.ja}`,
    en: `${name} line ${line}: ${what.en}`,
  };
  const failure = { failure: text.en, text, at: { template: name, line } };
  if (error.name !== UndefinedVariableError.name) return failure;
  return { ...failure, variable: what.en.replace(/^undefined variable: /, '') };
}
