export { examineStores, systemFreeBytes } from './examine-stores.ts';
export type { StoreCheckParts } from './examine-stores.ts';
export { fileSizeText } from './file-size-text.ts';
export { loadStoreLimits } from './store-limits.ts';
export type { StoreLimits } from './store-limits.ts';
