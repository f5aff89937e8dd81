import { createCsvFile, guarded } from './csv-file.ts';
import { importRecipients } from './import.ts';
import type { Suppression, SuppressionReason, SuppressionStore } from './ports.ts';
import type { ImportedRecipient, ImportSummary, RejectedRow } from './recipient.ts';
import { suppressionKey } from './suppression.ts';

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
  readonly store: Pick<SuppressionStore, 'add'>;
  /** Who brings the list, as in `Suppression.source`: `import:old-list.csv`. */
  readonly source: string;
  /** For rows that carry no time of their own. */
  readonly atMs: number;
  readonly signal?: AbortSignal | undefined;
  rejected?(row: RejectedRow): void;
  progress?(bytesRead: number, bytesTotal: number, rows: number): void;
};

/**
 * Reads a list of addresses not to send to: any CSV that `importRecipients` takes. Columns `reason`, `note` and `at` (ISO
 * 8601) are used when there; an unknown reason counts as `imported`, since not sending is the safe side.
 */
export async function importSuppressions(
  path: string,
  into: SuppressionImport,
): Promise<ImportSummary & { readonly added: number }> {
  let added = 0;
  const listener = {
    accepted(batch: readonly ImportedRecipient[]): void {
      added += into.store.add(batch.map((row) => suppressionOf(row, into))).added;
    },
    rejected: (row: RejectedRow): void => into.rejected?.(row),
    progress: (...step: [number, number, number]): void => into.progress?.(...step),
  };
  // An address may carry several reasons, each a row of its own.
  const duplicateKey = (row: ImportedRecipient): string => `${suppressionKey(row.address)} ${reasonOf(row)}`;
  const summary = await importRecipients(path, listener, { signal: into.signal, duplicateKey });
  return { ...summary, added };
}

function suppressionOf(row: ImportedRecipient, into: SuppressionImport): Suppression {
  const at = Date.parse(row.variables['at'] ?? '');
  return {
    address: row.address,
    reason: reasonOf(row),
    source: unguarded(row.variables['source'] ?? '') || into.source,
    atMs: Number.isNaN(at) ? into.atMs : at,
    note: unguarded(row.variables['note'] ?? '').slice(0, 500),
  };
}

function reasonOf(row: ImportedRecipient): SuppressionReason {
  const reason = row.variables['reason']?.trim().toLowerCase() ?? '';
  return isReason(reason) ? reason : 'imported';
}

function isReason(text: string): text is SuppressionReason {
  return Object.hasOwn(reasons, text);
}

/**
 * Writes every suppression to a CSV `email,reason,at,source,note` that `importSuppressions` reads back as it was; page by
 * page, so memory stays small. Answers the number of rows.
 */
export function exportSuppressions(store: SuppressionStore, path: string): number {
  const file = createCsvFile(path);
  let rows = 0;
  try {
    file.row(['email', 'reason', 'at', 'source', 'note']);
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const page = store.list({ reason: null, cursor, limit: pageRows });
      for (const item of page.items) {
        const at = new Date(item.atMs).toISOString();
        file.row([writtenAddress(item.address), item.reason, at, guarded(item.source), guarded(item.note)]);
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

/** `=a@x.jp` is a valid address and a formula. An apostrophe would make it another address, so it goes in brackets. */
function writtenAddress(address: string): string {
  return guarded(address) === address ? address : `<${address}>`;
}

function unguarded(cell: string): string {
  return cell.startsWith("'") && guarded(cell.slice(1)) === cell ? cell.slice(1) : cell;
}
