/** The two languages that every text for people exists in. */
export type Language = 'ja' | 'en';

/** One text in both languages; a missing one is a type error. */
export type Bilingual = { readonly ja: string; readonly en: string };

/** Picks the language from `--lang`, else from the POSIX locale variables (LC_ALL, LC_MESSAGES, LANG), else English. */
export function chooseLanguage(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  if (flag === 'ja' || flag === 'en') return flag;
  // POSIX.1-2017 §8.2: LC_ALL overrides LC_MESSAGES, which overrides LANG; an empty value counts as unset.
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return locale.toLowerCase().startsWith('ja') ? 'ja' : 'en';
}
