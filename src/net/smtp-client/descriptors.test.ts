import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { DialCounts } from '../../../test/support/dial-many.ts';
import { dialOptions } from '../../../test/support/smtp-dialing.ts';
import { startSmtpPeer, stay } from '../../../test/support/smtp-peer.ts';
import type { SmtpPeer } from '../../../test/support/smtp-peer.ts';
import { pipelining } from '../../../test/support/smtp-scripts.ts';
import { dial } from './dial.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../test/support/dial-many.ts', import.meta.url));

let peer: SmtpPeer | null = null;
afterEach(async () => {
  await peer?.close();
  peer = null;
});

it('a process without descriptors left says so at once, and has them all back afterwards', async () => {
  peer = await startSmtpPeer([...pipelining, stay()]);
  const command = 'ulimit -n 64 && exec "$0" "$@"';
  const { stdout } = await run('bash', ['-c', command, process.execPath, script, String(peer.port), '100']);
  // The script's own line.
  const rounds = JSON.parse(stdout) as DialCounts[];
  expect(rounds).toHaveLength(2);
  for (const { opened, causes, texts } of rounds) {
    expect(opened).toBeGreaterThan(10);
    expect(causes).toEqual({ 'connect-local': 100 - opened });
    expect(texts).toEqual([expect.stringContaining('EMFILE')]);
  }
  expect(rounds[1]?.opened).toBe(rounds[0]?.opened);
  expect(rounds[1]?.descriptors).toBe(rounds[0]?.descriptors);
});

it('a source address that is not ours is told at once, without a timer left behind', async () => {
  peer = await startSmtpPeer([...pipelining, stay()]);
  const clock = new FakeClock();
  // RFC 5737: an address for documentation, which no host has.
  const result = await dial(dialOptions(peer.port, { clock, localAddress: '192.0.2.1' }));
  expect(result).toMatchObject({
    ok: false,
    failure: { origin: 'local', stage: 'connect', cause: 'connect-local' },
  });
  if (result.ok || result.failure.origin !== 'local') throw new Error('dialled');
  expect(result.failure.text).toContain('EADDRNOTAVAIL');
  expect(clock.pendingTimers).toBe(0);
  expect(peer.connections).toBe(0);
});
