import { acceptedLanguage } from '../base/index.ts';
import type { Language } from '../base/index.ts';

/** The language that a link asks for, else what the browser likes better, else Japanese. */
export function pageLanguage(asked: string | undefined, accepted: string | undefined): Language {
  if (asked === 'ja' || asked === 'en') return asked;
  // Old phones of Japanese carriers send no such field.
  if (accepted === undefined || accepted === '') return 'ja';
  return acceptedLanguage(accepted) ?? 'en';
}
