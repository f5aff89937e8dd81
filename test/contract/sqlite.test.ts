import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ReportStore as MailReportStore } from '../../src/reports/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { campaignStoreContract } from './campaign-store.ts';
import { closedAfter } from './contract-store.ts';
import type { ContractStore } from './contract-store.ts';
import { deliveryStoreContract } from './delivery-store.ts';
import { failureStoreContract } from './failure-store.ts';
import { ledgerContract } from './ledger.ts';
import { reportStoreContract } from './report-store.ts';
import { returnedStoreContract } from './returned-store.ts';
import { suppressionStoreContract } from './suppression-store.ts';
import { whyStoreContract } from './why-store.ts';
import { startMs } from './samples.ts';

function makeStore(): ContractStore & { readonly mailReports: MailReportStore } {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-contract-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return closedAfter(openStore({ folder, clock: new FakeClock(startMs), create: true }));
}

campaignStoreContract(makeStore);
deliveryStoreContract(makeStore);
suppressionStoreContract(makeStore);
whyStoreContract(makeStore);
returnedStoreContract(makeStore);
failureStoreContract(makeStore);
ledgerContract(makeStore);
reportStoreContract(makeStore);
