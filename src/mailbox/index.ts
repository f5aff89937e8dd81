export { examineStores, fileSizeText, loadStoreLimits, systemFreeBytes } from './stores/index.ts';
export type { StoreCheckParts, StoreLimits } from './stores/index.ts';
