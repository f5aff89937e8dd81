export type { FilterEnvelope, FilterPlace, FilterWord } from './filter-word.ts';
export { askRspamd } from './rspamd.ts';
export { askSpamd } from './spamd.ts';
