export { AppError } from './app-error.ts';
export type { AppErrorFacts } from './app-error.ts';
export { systemClock } from './clock.ts';
export type { Clock, Timer } from './clock.ts';
export { chooseLanguage } from './language.ts';
export type { Bilingual, Language } from './language.ts';
export { nearest } from './nearest.ts';
export { StorageFull } from './storage-full.ts';
export type { StorageFailure } from './storage-full.ts';
