import { writeFileSync } from 'node:fs';

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

/** Writes `count` recipients at one domain, with a value for each slot. */
export function writeRecipients(file: string, count: number, slots: number): void {
  const header = ['email', ...Array.from({ length: slots }, (_, index) => `v${index}`)].join(',');
  const lines = [header];
  for (let row = 0; row < count; row++) {
    lines.push(
      [`user${row}@example.jp`, ...Array.from({ length: slots }, (_, index) => `value${row}x${index}`)].join(
        ',',
      ),
    );
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}
