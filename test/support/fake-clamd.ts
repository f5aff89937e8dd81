import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** The EICAR test file (eicar.org), written so that no scanner stumbles over this one. */
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('-');

// What clamd.conf's StreamMaxLength is here.
const streamMaxOctets = 1_000_000;

/** Speaks clamd's side: reads `zINSTREAM`, chunks to the empty one, answers as clamd does. */
export async function fakeClamd(answer?: (socket: Socket) => void): Promise<{ readonly path: string }> {
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
