import { acceptedLanguage as best } from '../base/index.ts';
import type { Language } from '../base/index.ts';

/** What a client of the API likes better; en where it names neither language, or `*`. */
export function acceptedLanguage(header: string | null | undefined): Language {
  return best(header ?? '', 'en') ?? 'en';
}
