import { appendFileSync, writeFileSync } from 'node:fs';

/** One size of message: the template, how many columns it uses, how many octets the composed message has about. */
export type Load = {
  readonly name: string;
  readonly octets: number;
  readonly slots: number;
  readonly html: string;
  readonly text: string;
};

const paragraph =
  'The shop has put together what is new this week: tea from Uji, knives from Sakai, towels from Imabari. ' +
  'Members keep their points for a year and may use them in every shop and on the site.';

/** A multipart newsletter with `slots` variables, about `octets` long once composed. */
function load(name: string, octets: number, slots: number): Load {
  const columns = Array.from({ length: slots }, (_, index) => `v${index}`);
  const blocks = columns.map((column) => `<p>Dear {{ ${column} }}, your number is {{ ${column} }}.</p>`);
  const text = columns.map((column) => `Dear {{ ${column} }}.`).join('\n');
  // Headers, signature and boundaries take about 1,300 octets of the message.
  const missing = Math.max(0, octets - 1_300 - blocks.join('').length - text.length);
  const filler = Array.from(
    { length: Math.floor(missing / (paragraph.length + 7)) },
    () => `<p>${paragraph}</p>`,
  );
  const html = `<html><body>\n${[...blocks, ...filler].join('\n')}\n</body></html>\n`;
  return { name, octets, slots, html, text: `${text}\n` };
}

export const loads: readonly Load[] = [load('2 KB', 2_048, 11), load('40 KB', 40_960, 54)];

export type Recipients = {
  readonly count: number;
  readonly slots: number;
  readonly domainOf: (row: number) => string;
};

export function oneDomain(): string {
  return 'example.jp';
}

// A million rows as one text would be 200 MB.
const rowsPerWrite = 10_000;

/** Writes `count` recipients with a value for each slot. */
export function writeRecipients(file: string, recipients: Recipients): void {
  const { count, slots, domainOf } = recipients;
  const columns = Array.from({ length: slots }, (_, index) => index);
  writeFileSync(file, `${['email', ...columns.map((index) => `v${index}`)].join(',')}\n`);
  for (let first = 0; first < count; first += rowsPerWrite) {
    const rows = Array.from({ length: Math.min(rowsPerWrite, count - first) }, (_, index) => first + index);
    const lines = rows.map((row) => {
      const values = columns.map((index) => `value${row}x${index}`);
      return `${[`user${row}@${domainOf(row)}`, ...values].join(',')}\n`;
    });
    appendFileSync(file, lines.join(''));
  }
}
