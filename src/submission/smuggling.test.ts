import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSubmissionWorld, sendData, tokens } from '../../test/support/submission-world.ts';
import type { SubmissionWorld } from '../../test/support/submission-world.ts';

let world: SubmissionWorld;
beforeAll(async () => (world = await openSubmissionWorld()));
afterAll(async () => await world.listener.stop(0));

const header = 'From: app@shop.example\r\nSubject: one\r\n\r\n';
// What an attacker wants the next server to take for a second mail.
const smuggled =
  'MAIL FROM:<ceo@bank.example>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nFrom: ceo@bank.example\r\n\r\nx\r\n';

/** What some server was found to take for the end of a mail: the published forms, and those next to them. */
const endings: readonly (readonly [name: string, octets: string])[] = [
  ['LF . LF', '\n.\n'],
  ['LF . CR LF', '\n.\r\n'],
  ['LF . CR', '\n.\r'],
  ['CR . CR', '\r.\r'],
  ['CR . LF', '\r.\n'],
  ['CR . CR LF', '\r.\r\n'],
  ['CR LF . CR', '\r\n.\r'],
  ['CR LF . LF', '\r\n.\n'],
  ['CR CR LF . CR LF', '\r\r\n.\r\n'],
  ['CR CR LF . CR CR LF', '\r\r\n.\r\r\n'],
  ['CR LF . CR CR LF', '\r\n.\r\r\n'],
  ['LF CR LF . LF', '\n\r\n.\n'],
  ['LF LF . LF LF', '\n\n.\n\n'],
  ['LF .. LF', '\n..\n'],
  ['CR .. CR', '\r..\r'],
  ['NUL: CR LF . NUL CR LF', '\r\n.\0\r\n'],
  ['NUL: NUL CR LF . CR LF', '\0\r\n.\r\n'],
  ['NUL: CR NUL LF . CR LF', '\r\0\n.\r\n'],
  ['NUL: LF NUL . LF', '\n\0.\n'],
  ['BDAT-like: LF . LF with blanks', '\n. \n'],
  ['CR LF . CR LF written in one octet less', '\r\n.\r'],
];

describe('ends of a mail that are none', () => {
  it.each(endings)('refuses %s, and what follows it', async (_name, octets) => {
    const before = world.taken.length;
    const dialog = await world.logIn(tokens.all);
    const answer = await sendData(dialog, `${header}text${octets}${smuggled}\r\n.\r\nQUIT\r\n`);
    if (octets === '\0\r\n.\r\n') {
      // Here the mail does end: the NUL refuses it, and the rest is commands of a client that may send for that domain.
      expect(answer).toMatch(/^554 5\.6\.0 .*NUL/);
    } else {
      expect(answer).toMatch(/^(521 5\.5\.2 |554 5\.6\.0 )/);
      expect(world.taken.length).toBe(before);
    }
    dialog.destroy();
  });

  it('does not obey what is pipelined behind a mail with a bare line end', async () => {
    const before = world.taken.length;
    const dialog = await world.logIn(tokens.all);
    // The mail ends rightly; commands follow in the same segment.
    const answer = await sendData(dialog, `${header}a\nb\r\n.\r\n${smuggled}.\r\n`);
    expect(answer).toMatch(/^521 5\.5\.2 /);
    expect(await dialog.reply()).toBe('<closed>');
    expect(world.taken.length).toBe(before);
  });

  it('takes dots that are stuffed for text, wherever segments are cut', async () => {
    const body = '..\r\n...\r\n..x\r\n..\r\n';
    for (let cut = 1; cut < body.length; cut += 1) {
      const dialog = await world.logIn();
      await dialog.ask('MAIL FROM:<app@shop.example>');
      await dialog.ask('RCPT TO:<somebody@example.org>');
      await dialog.ask('DATA');
      dialog.send(header + body.slice(0, cut));
      // A round trip of another connection: the first part has been read by then.
      await (await world.open('starttls')).reply();
      dialog.send(`${body.slice(cut)}\r\n.\r\n`);
      expect(await dialog.reply()).toMatch(/^250 /);
      expect(world.taken.at(-1)?.bodies[0]?.bytes.toString()).toMatch(
        /\r\n\r\n\.\r\n\.\.\r\n\.x\r\n\.\r\n\r\n$/,
      );
      dialog.destroy();
    }
  });

  it('takes a first line of a dot for the end, and an empty mail for no mail', async () => {
    const dialog = await world.logIn();
    expect(await sendData(dialog, '.\r\n')).toMatch(/^554 5\.6\.0 /);
    expect(await sendData(dialog, '..\r\n.\r\n')).toMatch(/^554 5\.6\.0 /);
    expect(await dialog.ask('NOOP')).toMatch(/^250 /);
  });
});

describe('lines and headers', () => {
  const long = 'x'.repeat(999);
  it.each([
    ['a line of 999 octets', `${header}${long}\r\n`, /^554 5\.6\.0 A line is longer/],
    ['a header line of 999 octets', `From: app@shop.example\r\nX: ${long}\r\n\r\n`, /^554 5\.6\.0 A line/],
    ['a line of 998 octets', `${header}${long.slice(1)}\r\n`, /^250 /],
    ['a dot where a long line would be cut', `${header}${'x'.repeat(998)}.\r\n`, /^554 /],
    [
      'a header of 300 KB',
      `From: app@shop.example\r\n${'X: y\r\n'.repeat(50_000)}\r\n`,
      /^554 5\.6\.0 The header is too/,
    ],
    [
      '1,001 fields',
      `From: app@shop.example\r\n${'X: y\r\n'.repeat(1_001)}\r\n`,
      /^554 5\.6\.0 The header is too/,
    ],
    [
      'a line that is no field',
      'From: app@shop.example\r\nno field\r\n\r\n',
      /^554 5\.6\.0 The header has a line/,
    ],
    ['a blank before the colon', 'From : app@shop.example\r\n\r\n', /^554 5\.6\.0 The header has a line/],
    ['an mbox line', 'From app@shop.example\r\nFrom: app@shop.example\r\n\r\n', /^554 /],
    ['a folded line first', ' x\r\nFrom: app@shop.example\r\n\r\n', /^554 5\.6\.0 The header has a line/],
    [
      'a folded line of blanks',
      'From: app@shop.example\r\n \r\nX: y\r\n\r\n',
      /^554 5\.6\.0 The header has a line/,
    ],
    [
      'Shift_JIS in the header',
      Buffer.from(`${header.slice(0, -2)}X: \x83\x65\r\n\r\n`, 'latin1'),
      /^554 5\.6\.7 /,
    ],
    ['two From fields', `From: app@shop.example\r\n${header}`, /^554 5\.6\.0 The header has two From/],
    ['two Subject fields', `Subject: two\r\n${header}`, /^554 5\.6\.0 The header has two Subject/],
    ['101 Received fields', `${'Received: x\r\n'.repeat(101)}${header}`, /^554 5\.4\.6 /],
    ['100 Received fields', `${'Received: x\r\n'.repeat(100)}${header}`, /^250 /],
  ])('answers %s', async (_name, data, expected) => {
    const dialog = await world.logIn();
    const octets = Buffer.concat([Buffer.from(data), Buffer.from('.\r\n')]);
    expect(await sendData(dialog, octets)).toMatch(expected);
    dialog.destroy();
  });

  it.each([
    ['LF alone behind a command', 'NOOP\nMAIL FROM:<app@shop.example>\n'],
    ['CR in a command', 'MAIL FROM:<app@shop.example>\rRCPT TO:<a@example.org>\r\n'],
    ['NUL in a command', 'MAIL FROM:<app\0@shop.example>\r\n'],
    ['a command of 5,000 octets', `NOOP ${'x'.repeat(5_000)}\r\n`],
    ['CR LF in a parameter by xtext', 'MAIL FROM:<app@shop.example> ENVID=a+0D+0Ab\r\n'],
    ['DATA before RCPT', 'MAIL FROM:<app@shop.example>\r\nDATA\r\n'],
  ])('hands nothing over for %s', async (_name, commands) => {
    const before = world.taken.length;
    const dialog = await world.logIn();
    dialog.send(commands);
    const first = await dialog.reply();
    expect(first).toMatch(/^[245]\d\d /);
    expect(world.taken.length).toBe(before);
    expect(world.troubles).toEqual([]);
    dialog.destroy();
  });

  it('takes a whole transaction in one segment, and the next one behind it', async () => {
    const before = world.taken.length;
    const dialog = await world.logIn();
    const one = `MAIL FROM:<app@shop.example>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n${header}1\r\n.\r\n`;
    dialog.send(`${one}${one}QUIT\r\n`);
    const replies: string[] = [];
    for (let reply = await dialog.reply(); reply !== '<closed>'; reply = await dialog.reply())
      replies.push(reply.slice(0, 3));
    expect(replies).toEqual(['250', '250', '354', '250', '250', '250', '354', '250', '221']);
    expect(world.taken.length).toBe(before + 2);
  });
});
