import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { scanWithClamd } from './index.ts';
import type { ClamdPlace, ClamdReply } from './index.ts';

/** The EICAR test file (eicar.org), written so that no scanner stumbles over this one. */
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('-');

// What clamd.conf's StreamMaxLength is here.
const streamMaxOctets = 1_000_000;

/** Speaks clamd's side: reads `zINSTREAM`, chunks to the empty one, answers as clamd does. */
async function fakeClamd(answer?: (socket: Socket) => void): Promise<ClamdPlace> {
  const path = join(temporaryFolder(), 'clamd.ctl');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    if (answer === undefined) converse(socket);
    else answer(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(path);
  await once(server, 'listening');
  return { path };
}

function converse(socket: Socket): void {
  const command = 'zINSTREAM\0';
  let input = Buffer.alloc(0);
  let content = Buffer.alloc(0);
  let begun = false;
  const end = (line: string): void => void socket.end(`${line}\0`);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    input = Buffer.concat([input, bytes]);
    if (!begun && input.length >= command.length) {
      if (input.subarray(0, command.length).toString() !== command) return end('UNKNOWN COMMAND');
      begun = true;
      input = input.subarray(command.length);
    }
    while (begun && input.length >= 4) {
      const length = input.readUInt32BE();
      if (length === 0) return end(content.includes(eicar) ? 'stream: Eicar-Signature FOUND' : 'stream: OK');
      if (content.length + length > streamMaxOctets) return end('INSTREAM size limit exceeded. ERROR');
      if (input.length < 4 + length) return;
      content = Buffer.concat([content, input.subarray(4, 4 + length)]);
      input = input.subarray(4 + length);
    }
  });
}

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
