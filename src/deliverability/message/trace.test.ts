import { expect, test } from 'vitest';
import { readMail } from './mail.ts';
import { envelopeOfTrace } from './trace.ts';

const read = (...fields: readonly string[]): ReturnType<typeof envelopeOfTrace> =>
  envelopeOfTrace(
    readMail(Buffer.from([...fields, 'Subject: x', '', 'y', ''].join('\r\n')), { bulk: false }),
  );

const path = 'Return-Path: <a@b.example>';

test.each([
  ['Postfix', 'Received: from out.example (out.example [133.1.2.3]) by mx (Postfix); Tue', '133.1.2.3'],
  [
    'Gmail',
    'Received: from out.example (out.example. [133.1.2.3])\r\n by mx.google.com with ESMTPS id x',
    '133.1.2.3',
  ],
  ['IPv6', 'Received: from out.example (out.example [IPv6:2400:4000::1]) by mx; Tue', '2400:4000::1'],
  ['Exchange', 'Received: from out.example (133.1.2.3) by mx.protection.outlook.com', '133.1.2.3'],
])('%s', (_, received, ip) => {
  expect(read(path, received)).toEqual({ ip, helo: 'out.example', sender: 'a@b.example' });
});

test('passes by the hops within a house', () => {
  const within = [
    'Received: from localhost (localhost [127.0.0.1]) by mx',
    'Received: by 2002:a05:1 with SMTP id x',
  ];
  const outside = 'Received: from out.example (out.example [133.1.2.3]) by mx';
  expect(read(...within, outside, path)?.ip).toBe('133.1.2.3');
  expect(read(...within, path)).toBeNull();
});

test('knows nothing without Return-Path, or of a draft', () => {
  expect(read('Received: from out.example ([133.1.2.3]) by mx')).toBeNull();
  expect(read(path)).toBeNull();
});
