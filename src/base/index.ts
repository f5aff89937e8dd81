export { AppError } from './app-error.ts';
export type { AppErrorFacts } from './app-error.ts';
export { systemClock } from './clock.ts';
export type { Clock, Timer } from './clock.ts';
export { chooseLanguage } from './language.ts';
export type { Bilingual, Language } from './language.ts';
