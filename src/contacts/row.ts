import type { Bilingual } from '../base/index.ts';
import { normaliseAddress } from './address.ts';
import type { ListEncoding } from './encoding.ts';
import { isDamaged } from './encoding.ts';
import type { ListHeader } from './header.ts';
import type { ImportedRecipient, RejectedRow } from './recipient.ts';
import type { BrokenRecord, SoundRecord } from './records.ts';

/** What became of one record, duplicates not yet looked at. `written` is the address's cell when normalising changed it. */
export type RowReading =
  | { readonly ok: true; readonly recipient: ImportedRecipient; readonly written: string | null }
  | { readonly ok: false; readonly row: RejectedRow };

// Enough to recognise a row by; a rejected line can be as long as a line may be.
const shownCharacters = 500;

export function rejectedRow(
  record: { readonly line: number; readonly text: string },
  code: RejectedRow['code'],
  reason: Bilingual,
): RejectedRow {
  return { line: record.line, text: record.text.slice(0, shownCharacters), code, reason };
}

/** Judges one record's cells by the header. */
export function readRow(
  record: SoundRecord,
  cells: readonly string[],
  list: { readonly header: ListHeader; readonly encoding: ListEncoding },
): RowReading {
  const { header, encoding } = list;
  const refuse = (code: RejectedRow['code'], reason: Bilingual): RowReading => ({
    ok: false,
    row: rejectedRow(record, code, reason),
  });
  if (isDamaged(record.text, encoding)) return refuse('undecodable', undecodable(encoding));
  const expected = header.names.length;
  const written = cells[header.emailIndex] ?? '';
  if (cells.length <= expected && written.trim() === '') {
    return refuse('missing-column', missingAddress(header.names[header.emailIndex] ?? ''));
  }
  if (cells.length !== expected) return refuse('column-count', columnCount(cells.length, expected));
  const address = normaliseAddress(written);
  if (!address.ok) {
    return address.code === 'empty'
      ? refuse('missing-column', missingAddress(header.names[header.emailIndex] ?? ''))
      : refuse('bad-address', address.reason);
  }
  const variables: Record<string, string> = {};
  for (const [index, name] of header.names.entries()) {
    if (name !== '') variables[name] = index === header.emailIndex ? address.text : (cells[index] ?? '');
  }
  variables['email'] = address.text;
  return {
    ok: true,
    recipient: { line: record.line, address: address.text, domain: address.address.domain, variables },
    written: address.changed ? written : null,
  };
}

const faults: { readonly [Fault in BrokenRecord['fault']]: Bilingual } = {
  'text-after-quote': {
    ja: '閉じる「"」の後に文字があります。欄の中の「"」は「""」と書いてください（RFC 4180 §2）',
    en: 'text follows a closing quote; inside a cell write "" for a quote (RFC 4180 §2)',
  },
  'quote-inside': {
    ja: '「"」が欄の途中にあります。欄全体を「"」で囲み、中の「"」は「""」と書いてください（RFC 4180 §2）',
    en: 'a quote stands inside an unquoted cell; quote the whole cell and write "" for a quote (RFC 4180 §2)',
  },
  'not-closed': {
    ja: 'この行で開いた「"」が閉じられていません（次の行から読み直しました）',
    en: 'a quote opened on this line is never closed (reading went on at the next line)',
  },
  'too-long': {
    ja: '行が長すぎます（上限65,536文字）',
    en: 'the line is too long (at most 65,536 characters)',
  },
};

export function brokenRow(record: BrokenRecord): RejectedRow {
  return rejectedRow(
    record,
    record.fault === 'too-long' ? 'too-long' : 'broken-quoting',
    faults[record.fault],
  );
}

export function duplicateRow(record: SoundRecord, address: string, firstLine: number): RejectedRow {
  return rejectedRow(record, 'duplicate', {
    ja: `${address} は${firstLine}行目にもあります（大文字と小文字は区別しません）`,
    en: `${address} is already on line ${firstLine} (upper and lower case count as the same)`,
  });
}

function undecodable(encoding: string): Bilingual {
  return {
    ja: `文字化けがあります（${encoding} として読めないバイト、または外字）。UTF-8で保存し直してください`,
    en: `some bytes are not valid ${encoding}, or a character only its writer's machine can show; save the list as UTF-8`,
  };
}

function missingAddress(name: string): Bilingual {
  return { ja: `「${name}」の列が空です`, en: `the column "${name}" is empty` };
}

function columnCount(found: number, expected: number): Bilingual {
  return {
    ja: `列が${found}個あります（列名の行は${expected}個）。「,」を含む欄は「"」で囲んでください`,
    en: `it has ${found} columns where the header has ${expected}; a cell with a delimiter in it must be quoted`,
  };
}
