import { describe, expect, test } from 'vitest';
import { makeAuthority } from '../support/authority.ts';
import { imapTalk, popTalk, smtpTalk } from '../support/mailbox-scripts.ts';
import { brokenWorlds, facts, look, trip } from './mailbox-worlds.ts';
import { faultsOf } from './world.ts';

test.each(brokenWorlds)('$id: $what', async ({ id, look: found }) => {
  expect(faultsOf(await found())).toEqual([id]);
});

describe('a mailbox in order', () => {
  test.each(['implicit', 'starttls'] as const)('with TLS %s', async (tls) => {
    const found = await look({ imap: { tls }, pop: { tls }, smtp: { tls } });
    expect(found.map(({ id }) => id)).toEqual(['mailbox.in-order', 'mailbox.in-order', 'mailbox.in-order']);
  });

  test('looked at without a password', async () => {
    const found = await look({ imap: {}, pop: {}, smtp: {}, question: { password: null } });
    expect(faultsOf(found)).toEqual([]);
  });

  test('with mail of the sender in the inbox, which Gmail shows once more elsewhere', async () => {
    const all = { path: '[Gmail]/All', flags: '\\All', messages: 90_000, from: [7] };
    const talk = imapTalk({ folders: [{ path: 'INBOX', messages: 9, from: [3, 4] }, all] });
    const found = await look({ imap: { talk }, question: { sender: 'news@shop.example' } });
    expect(found.map(({ id }) => id)).toContain('mailbox.sender-in-inbox');
    expect(faultsOf(found)).toEqual([]);
  });

  test('with a mail that goes round, by IMAP and by POP', async () => {
    expect((await trip({})()).map(({ id }) => id)).toContain('mailbox.round-trip-arrived');
    const post = { mail: null };
    const found = await look({
      pop: { talk: popTalk({ post }) },
      smtp: { talk: smtpTalk({ post }) },
      question: { roundTripMs: 60_000 },
    });
    expect(found.map(({ id }) => id)).toContain('mailbox.round-trip-arrived');
  });
});

test('each word of servers in the data means what it says there, and no earlier one', () => {
  for (const { id, sample } of facts.replies)
    expect([id, facts.replies.find(({ pattern }) => pattern.test(sample))?.id]).toEqual([id, id]);
});

test('the password stands in nothing that is found', async () => {
  for (const { look: found } of brokenWorlds) {
    const text = JSON.stringify(await found());
    expect(text).not.toContain('hidden-horse');
    expect(text).not.toContain(Buffer.from('hidden-horse').toString('base64').slice(0, 12));
  }
});

test('no password goes to a server that did not prove its name', async () => {
  const heard: string[] = [];
  const talk = (): ((line: string) => string) => (line) => {
    heard.push(line);
    return '+OK';
  };
  const stranger = makeAuthority('Avast Web/Mail Shield Root').issue({ hosts: ['localhost'] });
  for (const protocol of ['imap', 'pop', 'smtp'] as const)
    expect(faultsOf(await look({ [protocol]: { certificate: stranger, talk } }))).toEqual([
      'mailbox.tls-intercepted',
    ]);
  expect(heard).toEqual([]);
});
