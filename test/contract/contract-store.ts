import { onTestFinished } from 'vitest';
import type { CampaignStore } from '../../src/campaigns/index.ts';
import type { SuppressionStore } from '../../src/contacts/index.ts';
import type { DeliveryStore, FailureStore, WhyStore } from '../../src/delivery/index.ts';
import type { ReportStore, ReturnedStore } from '../../src/storage/sqlite/index.ts';

/** What a backend gives the suites of this folder: the ports over one empty store. */
export type ContractStore = {
  readonly campaigns: CampaignStore;
  readonly delivery: DeliveryStore;
  readonly suppressions: SuppressionStore;
  readonly why: WhyStore;
  readonly returned: ReturnedStore;
  readonly failures: FailureStore;
  readonly reports: Pick<ReportStore, 'ledger' | 'outcomeCounts' | 'topReasons'>;
  close(): void;
};

/** A fresh, empty store; closed when the test ends. */
export type MakeStore<Store> = () => Store;

/** Closes what a test opened, also when it fails. */
export function closedAfter<Store extends { close(): void }>(store: Store): Store {
  onTestFinished(() => store.close());
  return store;
}
