import { Worker } from 'node:worker_threads';
import type { CarrierEvents, CarrierPort, ConnectCarrier } from '../delivery/index.ts';
import type { FromCarrier, ThreadSetup, ToCarrier } from './thread-messages.ts';

/** A carrier's thread ended by itself. What it had is in the store: a new run goes on with it. */
export class CarrierLost extends Error {
  constructor(cause: unknown) {
    super('a delivery thread died', { cause });
    this.name = 'CarrierLost';
  }
}

// The source runs as .ts in a checkout and as .js in the published package.
const thread = new URL(
  import.meta.url.endsWith('.ts') ? 'carrier-thread.ts' : 'carrier-thread.js',
  import.meta.url,
);

/** Starts a thread with a carrier for each call. */
export function carrierThread(setup: ThreadSetup): ConnectCarrier {
  return (events) => {
    const worker = new Worker(thread, { workerData: setup });
    let stopped = false;
    worker.on('message', (message: FromCarrier) => {
      stopped ||= message.call === 'stopped';
      hear(events, message);
    });
    const lost = (cause: unknown): void => {
      if (stopped) return;
      stopped = true;
      events.failed(new CarrierLost(cause));
      // It will not stop any more than it has.
      events.stopped();
    };
    worker.once('error', lost);
    worker.once('exit', (code) => lost(`exit code ${code}`));
    return portTo(worker);
  };
}

function portTo(worker: Worker): CarrierPort {
  const tell = (message: ToCarrier): void => worker.postMessage(message);
  return {
    assign: (batch) => tell({ call: 'assign', batch }),
    share: (shared) => tell({ call: 'share', shared }),
    acknowledge: (count) => tell({ call: 'acknowledge', count }),
    pause: () => tell({ call: 'pause' }),
    resume: () => tell({ call: 'resume' }),
    stop: (graceMs) => tell({ call: 'stop', graceMs }),
  };
}

function hear(events: CarrierEvents, message: FromCarrier): void {
  switch (message.call) {
    case 'settled':
      events.settled(message.batch);
      break;
    case 'missing':
      events.missing(message.count);
      break;
    case 'held':
      events.held(message.hold, message.shared);
      break;
    case 'released':
      events.released(message.hold);
      break;
    case 'stopped':
      events.stopped();
      break;
    case 'failed':
      events.failed(message.error);
      break;
  }
}
