import { describe, expect, test } from 'vitest';
import { brokenWorlds } from './message-worlds.ts';
import { letter, look } from './message-world.ts';
import { faultsOf } from './world.ts';

test.each(brokenWorlds)('$id: $what', async ({ id, look: found }) => {
  expect(faultsOf(await found())).toEqual([id]);
});

describe('a healthy world', () => {
  test('a newsletter in order has full marks', async () => {
    const { findings, score } = await look();
    expect(findings.map(({ id }) => id)).toEqual(['message.authenticated']);
    expect(score).toEqual({ points: 10, of: 10, lost: [] });
  });
});

test('each lost point is explained by its finding', async () => {
  const { findings, score } = await look({
    selector: null,
    pieces: letter('text/plain', '8bit', 'hello\xe9\r\n'),
  });
  expect(score.lost.map(({ id }) => id)).toEqual(['message.no-dkim', 'message.charset-missing']);
  for (const { id } of score.lost)
    expect(findings.find((each) => each.id === id)?.advice.en.steps).not.toEqual([]);
  expect(score.points).toBe(7.3);
});

test('a draft without signature is not said to fail DMARC: SPF may make it pass', async () => {
  const { findings } = await look({
    selector: null,
    envelope: null,
    later: (mail) => mail.replace(/^Received:.*\r\n/, ''),
  });
  const ids = findings.map(({ id }) => id);
  expect(ids).toEqual(['message.no-dkim', 'message.spf-unchecked', 'message.auth-unchecked']);
});

test('a saved mail is judged by the server outside that brought it', async () => {
  const { findings } = await look({
    envelope: null,
    later: (mail) =>
      `Return-Path: <b+1@bounce.shop.example>\r\nReceived: from mx (localhost [127.0.0.1]) by store; Tue, 24 Nov 2026 00:00:06 +0000\r\n${mail}`,
  });
  expect(findings.map(({ id }) => id)).toEqual(['message.authenticated']);
});
