import { AppError } from '../base/index.ts';
import { trimBlank } from './blank.ts';
import { parseFields } from './fields.ts';
import type { PhysicalLine } from './lines.ts';
import { joined, scanRecord } from './records.ts';

/** What the first record of a list says about all others. */
export type ListHeader = {
  readonly delimiter: string;
  /** As written, trimmed; '' for a column without a name, which templates cannot use. */
  readonly names: readonly string[];
  readonly emailIndex: number;
};

export type HeaderReading =
  | { readonly kind: 'more' }
  | { readonly kind: 'header'; readonly header: ListHeader; readonly rest: readonly PhysicalLine[] };

// In the order in which they win when a header reads equally well with several.
const delimiters = [',', ';', '\t'];

/**
 * Names that mean the address, in the form of `canonicalName` (so `E-Mail Address`, `Ｅメール`, `ﾒｰﾙｱﾄﾞﾚｽ` are covered). The
 * last group can also mean where somebody lives, so it counts only when nothing else is there.
 */
const mailNames = new Set([
  'mail',
  'emailaddress',
  'mailaddress',
  'メールアドレス',
  'メール',
  'メアド',
  'eメール',
  'eメールアドレス',
  'emailアドレス',
  'mailアドレス',
  '電子メール',
  '電子メールアドレス',
]);
const vagueNames = new Set(['address', 'アドレス']);

/** Reads the header from the first lines; `more` when they end inside of it. Throws AppErrors about `path`. */
export function readHeader(lines: readonly PhysicalLine[], last: boolean, path: string): HeaderReading {
  const start = lines.findIndex((line) => line.text.trim() !== '');
  const first = lines[start];
  if (first === undefined) {
    if (last) throw noHeader(path);
    return { kind: 'more' };
  }
  if (first.tooLong) throw noHeader(path);
  const readings: { header: readonly string[]; delimiter: string; lines: number }[] = [];
  for (const delimiter of delimiters) {
    const rules = {
      delimiter,
      limitCharacters: first.text.length + longestHeaderCharacters,
      looksComplete: () => false,
    };
    const scan = scanRecord(lines, start, rules);
    if (scan.kind === 'more' && !last) return { kind: 'more' };
    if (scan.kind !== 'record') continue;
    const text = joined(lines, start, scan.lines);
    const record = { line: first.line, text, quoted: text.includes('"'), fault: null };
    // BOM and zero-width characters survive copying between programs, and would make `email` another name.
    const header = (parseFields([record], delimiter)[0] ?? []).map(trimBlank);
    readings.push({ header, delimiter, lines: scan.lines });
  }
  // The delimiter that gives an email column; among those the one that gives most columns.
  const best = readings.toSorted(
    (a, b) =>
      Number(b.header.some(meansEmail)) - Number(a.header.some(meansEmail)) ||
      b.header.length - a.header.length,
  )[0];
  if (best === undefined) throw brokenHeader(path, first.line);
  const { header: names, delimiter } = best;
  const header = { delimiter, names, emailIndex: emailColumn(names, path) };
  checkNames(names, path);
  return { kind: 'header', header, rest: lines.slice(start + best.lines) };
}

const longestHeaderCharacters = 65_536;

function canonicalName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_\-‐–・.:()*]/gu, '');
}

function meansEmail(name: string): boolean {
  const canonical = canonicalName(name);
  return canonical === 'email' || mailNames.has(canonical) || vagueNames.has(canonical);
}

function emailColumn(names: readonly string[], path: string): number {
  const canonical = names.map(canonicalName);
  const ranks: ((index: number) => boolean)[] = [
    (index) => names[index] === 'email',
    (index) => names[index]?.normalize('NFKC').toLowerCase() === 'email',
    (index) => canonical[index] === 'email' || mailNames.has(canonical[index] ?? ''),
    (index) => vagueNames.has(canonical[index] ?? ''),
  ];
  for (const rank of ranks) {
    const found = [...names.keys()].filter(rank);
    const [only, second] = found;
    if (only !== undefined && second === undefined) return only;
    if (only !== undefined)
      throw severalEmailColumns(
        path,
        found.map((index) => names[index] ?? ''),
      );
  }
  throw noEmailColumn(path, names);
}

function checkNames(names: readonly string[], path: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    // Two columns of one name: a template would silently get either, so somebody has to say which.
    if (name !== '' && seen.has(name)) throw duplicateColumn(path, name);
    // Not a name of an own property in JavaScript.
    if (name === '__proto__') throw duplicateColumn(path, name);
    seen.add(name);
  }
}

function listed(names: readonly string[]): string {
  const shown = names
    .filter((name) => name !== '')
    .map((name) => (name.length > 30 ? `${name.slice(0, 30)}…` : name));
  const text = shown
    .slice(0, 20)
    .join(', ')
    .replaceAll(/\p{Cc}/gu, '\uFFFD');
  return shown.length > 20 ? `${text}, …` : text;
}

function noHeader(path: string): AppError {
  return new AppError({
    code: 'recipients-no-header',
    message: { ja: `${path} に列名の行がありません`, en: `${path} has no line with column names` },
    hint: {
      ja: '1行目に列名を書き、アドレスの列を email としてください',
      en: 'write column names in the first line and call the one with the addresses "email"',
    },
  });
}

function brokenHeader(path: string, line: number): AppError {
  return new AppError({
    code: 'recipients-header-quoting',
    message: {
      ja: `${path} の${line}行目（列名）の引用符「"」が閉じていないか、位置が正しくありません`,
      en: `${path} line ${line} (column names): a quote (") is not closed or out of place`,
    },
    hint: { ja: '列名の行の「"」を直してください', en: 'correct the quotes in the line of column names' },
  });
}

function noEmailColumn(path: string, names: readonly string[]): AppError {
  return new AppError({
    code: 'recipients-no-email-column',
    message: {
      ja: `${path} にメールアドレスの列がありません。列: ${listed(names)}`,
      en: `${path} has no column with email addresses; its columns: ${listed(names)}`,
    },
    hint: {
      ja: 'アドレスが入っている列の名前を email に変えてください（1行目は列名です）',
      en: 'rename the column that holds the addresses to "email" (the first line must be column names)',
    },
  });
}

function severalEmailColumns(path: string, names: readonly string[]): AppError {
  return new AppError({
    code: 'recipients-two-email-columns',
    message: {
      ja: `${path} にメールアドレスの列が複数あります: ${listed(names)}`,
      en: `${path} has several columns with email addresses: ${listed(names)}`,
    },
    hint: { ja: '使う列の名前を email に変えてください', en: 'rename the one to use to "email"' },
  });
}

function duplicateColumn(path: string, name: string): AppError {
  return new AppError({
    code: 'recipients-column-name',
    message: {
      ja: `${path} の列名「${listed([name])}」は重複しているか、使えない名前です`,
      en: `${path}: the column name "${listed([name])}" is there twice or cannot be used`,
    },
    hint: { ja: '列名を変えてください', en: 'rename that column' },
  });
}
