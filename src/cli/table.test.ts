import { expect, it } from 'vitest';
import { displayWidth } from './display-width.ts';
import { tableText } from './table.ts';

it('lines columns up, wide characters included', () => {
  const text = tableText({
    columns: [{ title: '宛先' }, { title: '件数', align: 'right' }, { title: '理由' }],
    rows: [
      ['gmail.com', '1,234', '宛先不明'],
      ['ドコモ', '5', 'mailbox full'],
    ],
  });
  expect(text).toBe(
    [
      '宛先        件数  理由',
      '---------  -----  ------------',
      'gmail.com  1,234  宛先不明',
      'ドコモ         5  mailbox full',
    ].join('\n'),
  );
});

it('cuts lines to the terminal and never lets a cell break a line', () => {
  const text = tableText({
    columns: [{ title: 'reply' }],
    rows: [['550 5.1.1\r\n\u001b[31mいない利用者です、いない利用者です']],
    widthColumns: 30,
  });
  const lines = text.split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(30);
  expect(text).not.toContain('\u001b');
});
