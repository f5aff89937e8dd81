// Mails as a broken gateway or an attacker may send them: seeds bent at random, and shapes made to cost time or memory.

/** 0 ≤ n < 1, the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pieces: readonly string[] = [
  '\n',
  '\r',
  '\r\n\r\n',
  '\n\n--',
  '--b\n',
  '--b--\n',
  'Content-Type: multipart/report; boundary="b"\n',
  'Content-Type: message/rfc822\n\n',
  'Content-Type: message/delivery-status\n\n',
  'Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n',
  'Content-Type: text/html; charset=shift_jis\n\n',
  'Content-Transfer-Encoding: base64\n',
  'Content-Transfer-Encoding: quoted-printable\n',
  'Final-Recipient: rfc822; ann@rcpt.example\n',
  'Final-Recipient: utf-8; \\x{110000}@\\x{3042}.example\n',
  'Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no\n',
  '<ann@rcpt.example>: 550 5.1.1 no\n',
  'could not be delivered',
  '=?iso-2022-jp?B?GyRC?=',
  '=?x-unknown?Q?=FF=?=',
  '\u001b$B%a!<%k',
  '\u0000',
  '\u00ff\u00fe',
  '@',
  '<@>',
  'a@b',
  '"@"@"',
  '>>> RCPT TO:<',
  '{"notificationType":"Bounce","mail":{},"bounce":{"bouncedRecipients":[{"emailAddress":',
  '[[[[{"event":"bounce","email":"a@b.example"',
  '> > > > ',
  ' \t ',
  '&#x10ffff;&#xffffffff;&lt',
  '<style>',
];

/** One mutation after the other; `octets` bounds what a repetition may add. */
export function mutate(seed: Buffer, random: () => number, octets: number): Buffer {
  let mail = seed;
  const rounds = 1 + Math.floor(random() * 6);
  for (let round = 0; round < rounds; round += 1) mail = mutateOnce(mail, random, octets);
  return mail;
}

function mutateOnce(mail: Buffer, random: () => number, octets: number): Buffer {
  const at = (): number => Math.floor(random() * (mail.length + 1));
  const [from, to] = [at(), at()].toSorted((a, b) => a - b) as [number, number]; // two elements stay two
  const piece = Buffer.from(pieces[Math.floor(random() * pieces.length)] ?? '', 'latin1');
  switch (Math.floor(random() * 7)) {
    case 0:
      return Buffer.concat([mail.subarray(0, from), mail.subarray(to)]);
    case 1:
      return Buffer.concat([mail.subarray(0, from), piece, mail.subarray(from)]);
    case 2:
      return Buffer.concat([mail.subarray(0, to), mail.subarray(from, to), mail.subarray(to)]);
    case 3: {
      const bent = Buffer.from(mail);
      for (let index = 0; index < 8 && bent.length > 0; index += 1)
        bent[Math.floor(random() * bent.length)] = Math.floor(random() * 256);
      return bent;
    }
    case 4:
      return Buffer.concat([mail.subarray(0, from), repeated(piece, random, octets), mail.subarray(from)]);
    case 5:
      return Buffer.concat([mail.subarray(0, from), piece, mail.subarray(to)]);
    default:
      return mail.subarray(0, to);
  }
}

function repeated(piece: Buffer, random: () => number, octets: number): Buffer {
  const times = Math.floor(random() ** 4 * (octets / Math.max(1, piece.length)));
  return Buffer.alloc(times * piece.length, piece.length === 0 ? 0x20 : piece);
}

const head = 'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice\n';

/** Shapes that cost a careless reader quadratic time, a deep stack or much memory, each of about that many octets. */
export function expensiveMails(octets: number): ReadonlyMap<string, Buffer> {
  const fill = (text: string): string => text.repeat(Math.ceil(octets / text.length));
  const shapes: readonly (readonly [string, string])[] = [
    ['one header field', `${head}X-A: ${fill('a')}\n\n`],
    ['a folded field', `${head}X-A:${fill(' a\n')}\n`],
    ['many fields', head + fill('X-A: b\n')],
    ['a subject of encoded words', `Subject: ${fill('=?utf-8?B?44GC?= ')}\n\n`],
    ['a Content-Type of parameters', `Content-Type: multipart/mixed${fill('; a*0="b')}\n\n`],
    [
      'nested multiparts',
      head +
        Array.from(
          { length: octets / 60 },
          (_, n) => `Content-Type: multipart/mixed; boundary="b${n}"\n\n--b${n}\n`,
        ).join(''),
    ],
    ['nested messages', head + fill('Content-Type: message/rfc822\n\n')],
    ['one boundary used at each depth', head + fill('Content-Type: multipart/mixed; boundary=b\n\n--b\n')],
    ['a thousand parts', `${head}Content-Type: multipart/mixed; boundary=b\n\n${fill('--b\n\nx\n')}`],
    ['a line of @', `${head}\n${fill('@')}`],
    ['a line of a@', `${head}\n${fill('a@')}`],
    ['a line of addresses', `${head}\ncould not be delivered: ${fill('a@b.example, ')}`],
    ['a line without an end', `${head}\n${fill('a')}`],
    ['a line of dots and at', `${head}\n${fill('a.b')}@${fill('c.d')}`],
    ['many recipients', `${head}\ncould not be delivered:\n${fill('<a@b.example>: 550 no\n')}`],
    ['failure words', `${head}\n${fill('message ')}@`],
    ['half phrases', `${head}\n${fill('the mail could not ')}a@b.example`],
    [
      'status groups',
      `${head}Content-Type: message/delivery-status\n\n${fill('Final-Recipient: rfc822; a@b.example\nAction: failed\n\n')}`,
    ],
    [
      'one diagnostic',
      `${head}Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nDiagnostic-Code: smtp; ${fill('550 ')}`,
    ],
    ['quoted-printable', `${head}Content-Transfer-Encoding: quoted-printable\n\n${fill('=41=\n')}`],
    ['base64', `${head}Content-Transfer-Encoding: base64\n\n${fill('YUBi')}`],
    ['escape sequences', `${head}\n${fill('\u001b$B!!\u001b(B')}`],
    ['tags', `${head}Content-Type: text/html\n\n${fill('<a href=')}`],
    ['open tags', `${head}Content-Type: text/html\n\n${fill('<style>')}`],
    ['entities', `${head}Content-Type: text/html\n\n${fill('&#65;')}`],
    ['JSON brackets', fill('[')],
    ['JSON lines', fill('{"event":"bounce","email":"a@b.example"}\n')],
    ['JSON within a mail', `${head}\n"notificationType"\n${fill('{"')}`],
    ['quotes', `${head}Subject: Fwd: x\n\n-- Forwarded message --\n${fill('> ')}From: a\n`],
    ['header lines in the text', `${head}\ncould not be delivered\n\n${fill('To: a@b.example\nX\n')}`],
    ['announcements', `${head}\n${fill('this is a copy of the message\n')}`],
    ['dashes', `${head}\n${fill('-')}\n${fill('- ')}`],
    ['blanks', `${head}\n${fill(' ')}x\n${fill('\n')}`],
    ['numbers', `${head}\n${fill('550 5.1.1 ')}`],
    ['digits', `${head}\n${fill('5')}`],
    ['status digits', `${head}\n${fill('5.1.')}`],
    ['hosts', `${head}\n${fill('host a.b ')}`],
    ['host labels', `${head}\n550 while talking to ${fill('a-b.')}`],
    ['brackets', `${head}\n${fill('<')}${fill('>')}`],
    ['carriage returns', fill('\r')],
    ['zero octets', fill('\0')],
  ];
  return new Map(shapes.map(([name, text]) => [name, Buffer.from(text, 'latin1')]));
}
