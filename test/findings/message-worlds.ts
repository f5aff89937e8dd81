import type { Finding } from '../../src/findings/index.ts';
import { contentWorlds } from './message-content-worlds.ts';
import { goodZones, keyRecord, keys, lookAt, look, newsletter, nowMs } from './message-world.ts';
import type { Pieces, World } from './message-world.ts';
import type { BrokenWorld } from './world.ts';

export const messageWorld = (entry: string, what: string, world: World): BrokenWorld => ({
  id: `message.${entry}`,
  what,
  look: async () => (await look(world)).findings,
});

/** The newsletter with one field changed, `null`: left out, or added when it has no such name. */
export function withField(name: string, value: string | null): Pieces {
  const pieces = newsletter();
  const others = pieces.fields.filter((field) => !field.startsWith(`${name}:`));
  const changed = value === null ? others : [...others, `${name}: ${value}`];
  return { ...pieces, fields: changed };
}

export function withExtraField(field: string): Pieces {
  const pieces = newsletter();
  return { ...pieces, fields: [...pieces.fields, field] };
}

const unsigned = { selector: null } as const;
const record = goodZones['news._domainkey.shop.example'] ?? '';

/** Where DMARC is not asked for, one fault of authentication stands alone. */
const noDmarcFault = { '_dmarc.shop.example': 'v=DMARC1; p=none' };

const authentication: readonly BrokenWorld[] = [
  messageWorld('no-dkim', 'unsigned', unsigned),
  messageWorld('dkim-failed', 'no key in the DNS', {
    zones: { 'news._domainkey.shop.example': 'v=DKIM1; p=' },
  }),
  messageWorld('dkim-failed', 'the key of somebody else', {
    zones: { 'news._domainkey.shop.example': keyRecord(keys.short.publicKey) },
  }),
  messageWorld('dkim-failed', 'a signed field was changed', {
    later: (mail) => mail.replace('taro@', 'jiro@'),
  }),
  messageWorld('dkim-body-changed', 'a relay added a footer', {
    later: (mail) => `${mail}-- \r\nscanned\r\n`,
  }),
  messageWorld('dkim-key-too-weak', 'RSA 768', { selector: 'weak' }),
  messageWorld('dkim-key-short', 'RSA 1024', { selector: 'short' }),
  messageWorld('dkim-sha1', 'rsa-sha1', { signing: { algorithm: 'rsa-sha1' } }),
  messageWorld('dkim-testing', 't=y', {
    zones: { 'news._domainkey.shop.example': record.replace('v=DKIM1;', 'v=DKIM1; t=y;') },
  }),
  messageWorld('dkim-part-signed', 'l=', { signing: { maxBodyLength: 100 } }),
  messageWorld('dkim-expired', 'signed in the future', { signing: { signTime: new Date(nowMs + 9e10) } }),
  messageWorld('auth-unchecked', 'the DNS is silent', {
    zones: { 'news._domainkey.shop.example': 'silent' },
  }),
  messageWorld('auth-unchecked', 'a hundred signatures', {
    later: (mail) => `${'DKIM-Signature: v=1; d=a.example\r\n'.repeat(100)}${mail}`,
  }),
  messageWorld('auth-unchecked', 'a field of thousands of lines', {
    later: (mail) => `X-Long:${' a\r\n'.repeat(3_000)}${mail}`,
  }),
  messageWorld('spf-unchecked', 'a file that was never sent', {
    envelope: null,
    later: (mail) => mail.replace(/^Received:.*\r\n/, ''),
  }),
  messageWorld('spf-fail', 'another address', {
    envelope: { ip: '198.51.100.7', helo: 'x.example', sender: 'b@bounce.shop.example' },
  }),
  messageWorld('spf-softfail', '~all', { zones: { 'bounce.shop.example': 'v=spf1 ~all' } }),
  messageWorld('spf-none', 'no record', { zones: { 'bounce.shop.example': 'something else' } }),
  messageWorld('spf-permerror', 'a mistake in it', {
    zones: { 'bounce.shop.example': 'v=spf1 nonsense:x -all' },
  }),
  messageWorld('dmarc-none', 'no record', { zones: { '_dmarc.shop.example': 'nothing' } }),
  messageWorld('dmarc-fail', 'signed and sent by another domain', {
    signing: { signingDomain: 'mailer.example' },
    zones: { 'news._domainkey.mailer.example': record, 'mailer.example': 'v=spf1 ip4:192.0.2.10 -all' },
    envelope: { ip: '192.0.2.10', helo: 'out.mailer.example', sender: 'b@mailer.example' },
  }),
  messageWorld('arc-failed', 'a broken chain', {
    later: (mail) =>
      `ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=f.example; s=s; b=AAAA\r\nARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=f.example; s=s; h=from; bh=AAAA; b=AAAA\r\nARC-Authentication-Results: i=1; f.example; spf=pass\r\n${mail}`,
  }),
  messageWorld('unsubscribe-unsigned', 'not in h=', {
    zones: noDmarcFault,
    signing: { headerList: 'From:To:Subject:Date:Message-ID:MIME-Version:Content-Type' },
  }),
];

const fields: readonly BrokenWorld[] = [
  {
    id: 'message.no-mail',
    what: 'a photograph',
    look: async (): Promise<readonly Finding[]> =>
      (await lookAt(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]))).findings,
  },
  {
    id: 'message.no-mail',
    what: 'nothing',
    look: async (): Promise<readonly Finding[]> => (await lookAt(Buffer.alloc(0))).findings,
  },
  messageWorld('no-from', 'left out', { pieces: withField('From', null) }),
  messageWorld('from-unreadable', 'a name alone', { pieces: withField('From', 'Shop') }),
  messageWorld('several-authors', 'two', { pieces: withField('From', 'a@shop.example, b@shop.example') }),
  messageWorld('name-poses', 'a bank', {
    pieces: withField('From', '"help@bank.example" <news@shop.example>'),
  }),
  messageWorld('reply-elsewhere', 'another domain', {
    pieces: withExtraField('Reply-To: a@elsewhere.example'),
  }),
  messageWorld('no-date', 'left out', { pieces: withField('Date', null) }),
  messageWorld('date-unreadable', 'in Japanese order', { pieces: withField('Date', '2026-11-24 09:00:00') }),
  messageWorld('date-off', 'tomorrow', { pieces: withField('Date', 'Wed, 25 Nov 2026 09:00:00 +0900') }),
  messageWorld('date-off', 'five days ago', { pieces: withField('Date', 'Thu, 19 Nov 2026 08:00:00 +0900') }),
  messageWorld('no-message-id', 'left out', { pieces: withField('Message-ID', null) }),
  messageWorld('message-id-form', 'no angle brackets', { pieces: withField('Message-ID', '1@shop.example') }),
  messageWorld('message-id-form', 'a name of the office', {
    pieces: withField('Message-ID', '<1@pc.local>'),
  }),
  messageWorld('no-subject', 'empty', { pieces: withField('Subject', '') }),
  messageWorld('no-recipient-field', 'left out', { pieces: withField('To', null) }),
  messageWorld('repeated-field', 'two subjects', { pieces: withExtraField('Subject: again') }),
  messageWorld('raw-8bit-header', 'raw UTF-8', {
    pieces: withExtraField(`X-Note: ${Buffer.from('メモ').toString('latin1')}`),
  }),
  messageWorld('no-mime-version', 'left out', { pieces: withField('MIME-Version', null) }),
  messageWorld('fake-reply', 'answers nothing', { pieces: withField('Subject', 'Re: our new products') }),
  messageWorld('needless-encoding', 'ASCII in base64', {
    pieces: withField('Subject', '=?UTF-8?B?TmV3cw==?='),
  }),
  messageWorld('no-unsubscribe', 'a list without', {
    pieces: {
      ...newsletter(),
      fields: newsletter().fields.filter((field) => !field.startsWith('List-Unsub')),
    },
  }),
  messageWorld('unsubscribe-form', 'no angle brackets', {
    pieces: withField('List-Unsubscribe', 'https://shop.example/out'),
  }),
  messageWorld('no-one-click', 'no Post field', { pieces: withField('List-Unsubscribe-Post', null) }),
  messageWorld('no-one-click', 'mailto alone', {
    pieces: withField('List-Unsubscribe', '<mailto:out@shop.example>'),
  }),
];

export const brokenWorlds: readonly BrokenWorld[] = [...authentication, ...fields, ...contentWorlds];
