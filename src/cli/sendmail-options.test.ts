import { expect, it } from 'vitest';
import { readSendmailOptions } from './sendmail-options.ts';

const nothing = {
  mode: 'deliver',
  recipients: [],
  fromHeader: false,
  ignoreDots: false,
  sender: null,
  fullName: null,
  notify: null,
  returns: null,
  envelopeId: null,
};

it.each([
  ['-t -i', { fromHeader: true, ignoreDots: true }],
  ['-ti', { fromHeader: true, ignoreDots: true }],
  ['-t -oi -f bounce@shop.example', { fromHeader: true, ignoreDots: true, sender: 'bounce@shop.example' }],
  ['-fbounce@shop.example a@b.example', { sender: 'bounce@shop.example', recipients: ['a@b.example'] }],
  ['-f <> a@b.example', { sender: '', recipients: ['a@b.example'] }],
  ['-FShop -t', { fullName: 'Shop', fromHeader: true }],
  ['-F Shop -r x@y.example', { fullName: 'Shop', sender: 'x@y.example' }],
  ['-oem -odb -oi -bm -- -odd@b.example', { ignoreDots: true, recipients: ['-odd@b.example'] }],
  ['-bs', { mode: 'smtp' }],
  ['-bi', { mode: 'nothing' }],
  ['-N success,failure -R hdrs -V id1', { notify: 'SUCCESS,FAILURE', returns: 'HDRS', envelopeId: 'id1' }],
  ['-B 8BITMIME -v -L tag -O DeliveryMode=b -q30m a@b.example', { recipients: ['a@b.example'] }],
])('reads %s', (line, expected) => {
  expect(readSendmailOptions(line.split(' '))).toEqual({ ok: true, options: { ...nothing, ...expected } });
});

it.each(['-bp', '-bt', '-z', '-N sometimes', '-R all', '-tz', '-f'])('does not take %s', (line) => {
  expect(readSendmailOptions(line.split(' ')).ok).toBe(false);
});
