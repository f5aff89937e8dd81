import { onTestFinished } from 'vitest';
import { accept, startSmtpServer } from '../../simulator/smtp/index.ts';
import { createArrivals } from './arrivals.ts';
import type { Arrivals } from './arrivals.ts';
import { FakeClock } from './fake-clock.ts';

/** A receiver that keeps all answers to final dots back from the `shutAfter`-th message on, until it is opened. */
export type GatedSink = {
  readonly port: number;
  readonly arrivals: Arrivals;
  /** Gives the answers that were kept back, and all others at once. */
  open(): Promise<void>;
};

export async function startGatedSink(shutAfter: number): Promise<GatedSink> {
  // The server's delays run on this clock, which moves when the gate opens.
  const clock = new FakeClock();
  const arrivals = createArrivals();
  let opened = false;
  const server = await startSmtpServer(
    { address: '127.0.0.1', port: 0 },
    {
      hostname: 'gate.test',
      hooks: {
        message(_session, message) {
          arrivals.take(message);
          return opened || arrivals.count < shutAfter ? accept : { kind: 'delay', delayMs: 1, next: accept };
        },
      },
      keep: 'head',
      sizeLimitOctets: 1_000_000,
      chunking: false,
      startTls: 'none',
      secureContext: null,
      clock,
    },
  );
  onTestFinished(() => server.close());
  return {
    port: server.port,
    arrivals,
    async open() {
      opened = true;
      await clock.advance(1);
    },
  };
}
