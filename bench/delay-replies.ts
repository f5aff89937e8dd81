import type { Socket } from 'node:net';

type Due = { readonly atMs: number; readonly act: () => void };

// All delays are equal: what is put in last is due last, and one timer serves any number of sockets.
const line: Due[] = [];
let next = 0;
const mostDone = 10_000;
let planned = false;

/** Everything written to the socket leaves `delayMs` later, as over a longer way. */
export function delayReplies(socket: Socket, delayMs: number): void {
  const write = socket.write.bind(socket);
  const end = socket.end.bind(socket);
  Object.assign(socket, {
    write(octets: string | Buffer): boolean {
      later(delayMs, () => {
        if (!socket.destroyed) write(octets);
      });
      return true;
    },
    end(): Socket {
      later(delayMs, () => end());
      return socket;
    },
  });
}

function later(delayMs: number, act: () => void): void {
  line.push({ atMs: performance.now() + delayMs, act });
  if (!planned) plan();
}

function plan(): void {
  const first = line[next];
  planned = first !== undefined;
  if (first === undefined) {
    line.length = 0;
    next = 0;
    return;
  }
  setTimeout(
    () => {
      const nowMs = performance.now();
      for (let due = line[next]; due !== undefined && due.atMs <= nowMs; due = line[next]) {
        next += 1;
        due.act();
      }
      // The part that is done is cut off now and then, so that a line that never empties stays short.
      if (next > mostDone) {
        line.splice(0, next);
        next = 0;
      }
      plan();
    },
    Math.max(1, first.atMs - performance.now()),
  );
}
