import { memoryStore } from '../support/memory-store.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { campaignStoreContract } from './campaign-store.ts';
import { deliveryStoreContract } from './delivery-store.ts';

// The fake that unit tests of the engine run on keeps the same promises as the real stores.
function makeStore(): Pick<MemoryStore, 'campaigns' | 'delivery'> & { reports: Pick<MemoryStore, 'ledger'> } {
  const store = memoryStore();
  return { ...store, reports: store };
}

campaignStoreContract(makeStore);
deliveryStoreContract(makeStore);
