import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eicar, fakeClamd } from '../../../test/support/fake-clamd.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { scanWithClamd } from './index.ts';
import type { ClamdPlace, ClamdReply } from './index.ts';

async function scan(content: Buffer, place: ClamdPlace): Promise<ClamdReply> {
  return await scanWithClamd(content, { place, clock: new FakeClock() });
}

describe('clamd', () => {
  it.each([
    ['nothing', Buffer.alloc(0), { kind: 'clean' }],
    ['a file of several chunks', Buffer.alloc(900_000, 'a'), { kind: 'clean' }],
    [
      'a virus behind much else',
      Buffer.concat([Buffer.alloc(70_000), Buffer.from(eicar)]),
      { kind: 'infected', name: 'Eicar-Signature' },
    ],
  ])('says what it found in %s', async (_, content, reply) => {
    expect(await scan(content, await fakeClamd())).toEqual(reply);
  });

  it('says that a file is too large for it', async () => {
    expect(await scan(Buffer.alloc(4_000_000), await fakeClamd())).toMatchObject({ kind: 'failed' });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => socket.destroy()],
    ['speaks nonsense', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n\0')],
    ['talks without end', (socket) => socket.write('x'.repeat(10_000))],
    ['is not sure', (socket) => socket.end('stream: OK or not\0')],
  ])('that %s is no proof of anything', async (_, answer) => {
    expect(await scan(Buffer.from('a'), await fakeClamd(answer))).toMatchObject({ kind: 'failed' });
  });

  it('that is not there is no proof of anything', async () => {
    expect(await scan(Buffer.from('a'), { path: join(temporaryFolder(), 'none') })).toMatchObject({
      kind: 'failed',
    });
  });

  it('that says nothing is given up', async () => {
    const clock = new FakeClock();
    const reached = Promise.withResolvers<null>();
    const place = await fakeClamd((socket) => socket.once('data', () => reached.resolve(null)));
    const reply = scanWithClamd(Buffer.from('a'), { place, clock, waitMs: 5_000 });
    await reached.promise;
    await clock.advance(5_000);
    expect(await reply).toEqual({ kind: 'failed', cause: 'clamd did not answer within 5000 ms' });
  });
});
