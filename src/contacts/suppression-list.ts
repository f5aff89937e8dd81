import { createCsvFile, guarded } from './csv-file.ts';
import { importRecipients } from './import.ts';
import type { NewSuppression, Suppression, SuppressionReason, SuppressionStore } from './ports.ts';
import type { ImportedRecipient, ImportSummary, RejectedRow } from './recipient.ts';
import { domainOfAddress, suppressionKey } from './suppression.ts';

// At most what the port allows a page to have.
const pageRows = 1000;

const reasons: { readonly [Reason in SuppressionReason]: true } = {
  unsubscribed: true,
  complained: true,
  bounced: true,
  manual: true,
  imported: true,
};

export type SuppressionImport = {
  /** The store, or the process that works in it. */
  readonly store: {
    add(batch: readonly NewSuppression[]): { readonly added: number } | Promise<{ readonly added: number }>;
  };
  /** Who brings the list, as in `Suppression.source`: `import:old-list.csv`. */
  readonly source: string;
  /** For rows that carry no time of their own. */
  readonly atMs: number;
  readonly signal?: AbortSignal | undefined;
  rejected?(row: RejectedRow): void;
  progress?(bytesRead: number, bytesTotal: number, rows: number): void;
};

/**
 * Reads a list of addresses not to send to: any CSV that `importRecipients` takes. Columns `reason`, `note`, `at` and
 * `until` (ISO 8601), `scope`, `list` and `verdict` are used when there; an unknown reason counts as `imported`, and what
 * is not clearly for one list or one domain stops everything to the address, since not sending is the safe side.
 */
export async function importSuppressions(
  path: string,
  into: SuppressionImport,
): Promise<ImportSummary & { readonly added: number }> {
  let added = 0;
  const listener = {
    async accepted(batch: readonly ImportedRecipient[]): Promise<void> {
      const answer = await into.store.add(batch.map((row) => suppressionOf(row, into)));
      added += answer.added;
    },
    rejected: (row: RejectedRow): void => into.rejected?.(row),
    progress: (...step: [number, number, number]): void => into.progress?.(...step),
  };
  // An address may carry several reasons, each a row of its own.
  const duplicateKey = (row: ImportedRecipient): string =>
    JSON.stringify([suppressionKey(row.address), reasonOf(row), scopeOf(row)]);
  const summary = await importRecipients(path, listener, { signal: into.signal, duplicateKey });
  return { ...summary, added };
}

function suppressionOf(row: ImportedRecipient, into: SuppressionImport): NewSuppression {
  const { scope, list } = scopeOf(row);
  const verdict = row.variables['verdict']?.trim() ?? '';
  return {
    address: scope === 'domain' ? domainOfAddress(row.address) : row.address,
    scope,
    list,
    reason: reasonOf(row),
    source: unguarded(row.variables['source'] ?? '') || into.source,
    atMs: timeOf(row, 'at') ?? into.atMs,
    note: unguarded(row.variables['note'] ?? '').slice(0, 500),
    verdict: verdict === '' ? null : verdict,
    evidence: null,
    untilMs: timeOf(row, 'until'),
  };
}

function timeOf(row: ImportedRecipient, column: string): number | null {
  const ms = Date.parse(row.variables[column] ?? '');
  return Number.isNaN(ms) ? null : ms;
}

function scopeOf(row: ImportedRecipient): Pick<Suppression, 'scope' | 'list'> {
  const list = unguarded(row.variables['list']?.trim() ?? '');
  switch (row.variables['scope']?.trim().toLowerCase()) {
    case 'domain':
      return { scope: 'domain', list: null };
    case 'list':
      return list === '' ? { scope: 'address', list: null } : { scope: 'list', list };
    default:
      return { scope: 'address', list: null };
  }
}

function reasonOf(row: ImportedRecipient): SuppressionReason {
  const reason = row.variables['reason']?.trim().toLowerCase() ?? '';
  return isReason(reason) ? reason : 'imported';
}

function isReason(text: string): text is SuppressionReason {
  return Object.hasOwn(reasons, text);
}

const header = ['email', 'reason', 'at', 'source', 'note', 'scope', 'list', 'until', 'verdict'];

/**
 * Writes every suppression that counts to a CSV that `importSuppressions` reads back as it was, but for the evidence, which
 * is a place in this store; page by page, so memory stays small. Answers the number of rows.
 */
export function exportSuppressions(store: Pick<SuppressionStore, 'list'>, path: string): number {
  const file = createCsvFile(path);
  let rows = 0;
  try {
    file.row(header);
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const page = store.list({ reason: null, cursor, limit: pageRows });
      for (const item of page.items) {
        file.row(cellsOf(item));
        rows += 1;
      }
      cursor = page.next;
    }
    file.finish();
  } finally {
    file.discard();
  }
  return rows;
}

function cellsOf(item: Suppression): readonly string[] {
  const { scope, list, untilMs, verdict } = item;
  return [
    // The column holds addresses, so a domain is written as all of its addresses.
    writtenAddress(scope === 'domain' ? `*@${item.address}` : item.address),
    item.reason,
    new Date(item.atMs).toISOString(),
    guarded(item.source),
    guarded(item.note),
    scope,
    guarded(list ?? ''),
    untilMs === null ? '' : new Date(untilMs).toISOString(),
    verdict ?? '',
  ];
}

/** `=a@x.jp` is a valid address and a formula. An apostrophe would make it another address, so it goes in brackets. */
function writtenAddress(address: string): string {
  return guarded(address) === address ? address : `<${address}>`;
}

function unguarded(cell: string): string {
  return cell.startsWith("'") && guarded(cell.slice(1)) === cell ? cell.slice(1) : cell;
}
