import { AppError } from '../base/index.ts';
import { addressSet } from './address-set.ts';
import { normaliseAddress } from './address.ts';
import { detectEncoding, textReader } from './encoding.ts';
import type { ListEncoding } from './encoding.ts';
import { parseFields } from './fields.ts';
import { readHeader } from './header.ts';
import type { ListHeader } from './header.ts';
import { lineSplitter } from './lines.ts';
import type { PhysicalLine } from './lines.ts';
import { openRecipientFile, readChunks } from './recipient-file.ts';
import type { RecipientFile } from './recipient-file.ts';
import type { ImportedRecipient, ImportListener, ImportOptions, ImportSummary } from './recipient.ts';
import { recordSplitter } from './records.ts';
import type { BrokenRecord, RecordSplitter, SoundRecord } from './records.ts';
import { brokenRow, duplicateRow, readRow } from './row.ts';
import { suppressionKey } from './suppression.ts';

const batchRows = 1000;
// A batch of long rows is handed over earlier, so that memory stays bounded whatever a row holds.
const batchCharacters = 1_000_000;
// A row of a mailing list has some hundred characters; 64 Ki leaves room for a paragraph or two in a column.
const longestRecordCharacters = 65_536;
const defaultChunkBytes = 65_536;
const mostExamples = 20;

/**
 * Reads a list of recipients in one pass of bounded memory: the encoding is detected, every row is either accepted,
 * rejected with its line and reason, or a duplicate. Throws AppErrors (`recipients-…`) for a file that is no list, and
 * the signal's reason when aborted; what was handed over before stays handed over.
 */
export async function importRecipients(
  path: string,
  listener: ImportListener,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const file = await openRecipientFile(path);
  try {
    const reading = { chunkBytes: options.chunkBytes ?? defaultChunkBytes, signal: options.signal };
    const encoding = options.encoding ?? (await detectEncoding(file, reading));
    const intake = rowIntake(listener, encoding, options);
    const columns = await readList({ file, listener, intake, reading, encoding });
    return intake.summary(columns);
  } finally {
    await file.handle.close();
  }
}

type Reading = {
  readonly file: RecipientFile;
  readonly listener: ImportListener;
  readonly intake: RowIntake;
  readonly reading: { readonly chunkBytes: number; readonly signal: AbortSignal | undefined };
  readonly encoding: ListEncoding;
};

/** bytes → text → physical lines → header, then records → rows. Answers the column names. */
async function readList({ file, listener, intake, reading, encoding }: Reading): Promise<readonly string[]> {
  const text = textReader(encoding);
  const lines = lineSplitter(longestRecordCharacters);
  const list = listReader(file.path);
  let bytesRead = 0;
  for await (const chunk of readChunks(file, reading)) {
    bytesRead += chunk.length;
    await intake.take(list.push(lines.push(text.write(chunk))), list.header);
    listener.progress?.(bytesRead, file.sizeBytes, intake.rows);
  }
  await intake.take(list.end([...lines.push(text.end()), ...lines.end()]), list.header);
  await intake.flush();
  if (intake.rows === 0) throw noRecipients(file.path);
  listener.progress?.(bytesRead, file.sizeBytes, intake.rows);
  return (list.header?.names ?? []).filter((name) => name !== '');
}

type ListReader = {
  readonly header: ListHeader | null;
  push(lines: readonly PhysicalLine[]): readonly (SoundRecord | BrokenRecord)[];
  end(lines: readonly PhysicalLine[]): readonly (SoundRecord | BrokenRecord)[];
};

/** Lines to records, the header taken off first. */
function listReader(path: string): ListReader {
  let header: ListHeader | null = null;
  let records: RecordSplitter | null = null;
  let waiting: readonly PhysicalLine[] = [];

  function push(lines: readonly PhysicalLine[], last: boolean): readonly (SoundRecord | BrokenRecord)[] {
    if (records !== null) return records.push(lines);
    waiting = waiting.length === 0 ? lines : [...waiting, ...lines];
    const found = readHeader(waiting, last, path);
    if (found.kind === 'more') {
      const named = waiting.findIndex((line) => line.text.trim() !== '');
      waiting = named === -1 ? [] : waiting.slice(named);
      return [];
    }
    header = found.header;
    records = recordSplitter({
      delimiter: header.delimiter,
      limitCharacters: longestRecordCharacters,
      looksComplete: completeRow(header),
    });
    return records.push(found.rest);
  }

  return {
    get header() {
      return header;
    },
    push: (lines) => push(lines, false),
    end(lines) {
      const before = push(lines, true);
      return records === null ? before : [...before, ...records.end()];
    },
  };
}

/** Whether a line has as many cells as the header and an address in the right one: then it is no part of a cell. */
function completeRow(header: ListHeader): (line: string) => boolean {
  return (line) => {
    const cells = line.split(header.delimiter);
    return cells.length === header.names.length && normaliseAddress(cells[header.emailIndex] ?? '').ok;
  };
}

type RowIntake = {
  readonly rows: number;
  take(records: readonly (SoundRecord | BrokenRecord)[], header: ListHeader | null): Promise<void>;
  flush(): Promise<void>;
  summary(columns: readonly string[]): ImportSummary;
};

/** Judges records, counts them and hands them to the listener. */
function rowIntake(listener: ImportListener, encoding: ListEncoding, options: ImportOptions): RowIntake {
  const { signal, duplicateKey = (recipient) => suppressionKey(recipient.address) } = options;
  const seen = addressSet(options.salt);
  const count = { accepted: 0, rejected: 0, duplicates: 0, normalised: 0 };
  const examples: { line: number; from: string; to: string }[] = [];
  let batch: ImportedRecipient[] = [];
  let characters = 0;

  async function flush(): Promise<void> {
    if (batch.length === 0) return;
    const full = batch;
    batch = [];
    characters = 0;
    signal?.throwIfAborted();
    await listener.accepted(full);
  }

  function takeSound(record: SoundRecord, cells: readonly string[], header: ListHeader): void {
    const reading = readRow(record, cells, { header, encoding });
    if (!reading.ok) {
      count.rejected += 1;
      listener.rejected(reading.row);
      return;
    }
    const { recipient, written } = reading;
    const first = seen.add(duplicateKey(recipient), recipient.line);
    if (first !== null) {
      count.duplicates += 1;
      listener.rejected(duplicateRow(record, recipient.address, first));
      return;
    }
    if (written !== null) {
      count.normalised += 1;
      listener.normalised?.(recipient.line, written);
      if (examples.length < mostExamples)
        examples.push({ line: record.line, from: written, to: recipient.address });
    }
    count.accepted += 1;
    characters += record.text.length;
    batch.push(recipient);
  }

  return {
    get rows() {
      return count.accepted + count.rejected + count.duplicates;
    },
    async take(records, header) {
      if (header === null) return;
      const sound = records.filter((record) => record.fault === null);
      const cells = parseFields(sound, header.delimiter);
      let next = 0;
      for (const record of records) {
        if (record.fault === null) {
          takeSound(record, cells[next++] ?? [], header);
        } else {
          count.rejected += 1;
          listener.rejected(brokenRow(record));
        }
        if (batch.length >= batchRows || characters >= batchCharacters) await flush();
      }
    },
    flush,
    summary: (columns) => ({
      encoding,
      columns,
      rows: count.accepted + count.rejected + count.duplicates,
      accepted: count.accepted,
      rejected: count.rejected,
      duplicates: count.duplicates,
      normalised: { count: count.normalised, examples },
    }),
  };
}

function noRecipients(path: string): AppError {
  return new AppError({
    code: 'recipients-none',
    message: {
      ja: `${path} には列名だけで宛先がありません`,
      en: `${path} has column names but no recipients`,
    },
    hint: {
      ja: '2行目から1行に1件ずつ宛先を書いてください',
      en: 'write one recipient per line from the second line on',
    },
  });
}
