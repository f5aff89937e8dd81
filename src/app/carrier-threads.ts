import { Worker } from 'node:worker_threads';
import type { WorkerOptions } from 'node:worker_threads';
import type { Bilingual } from '../base/index.ts';
import type { CarrierEvents, CarrierPort, ConnectCarrier } from '../delivery/index.ts';
import { unpackSettled } from './settled-columns.ts';
import { unpackFailure } from './thread-failure.ts';
import type { FromCarrier, ThreadSetup, ToCarrier } from './thread-messages.ts';

/** A carrier's thread ended by itself. What it had is in the store: a new run goes on with it. */
export class CarrierLost extends Error {
  /** What it died of, as it said so. */
  readonly because: Bilingual;

  constructor(cause: unknown) {
    super('a delivery thread died', { cause });
    this.name = 'CarrierLost';
    const text = cause instanceof Error ? cause.message : String(cause);
    this.because = { ja: text, en: text };
  }
}

/** How a thread comes to be; a parameter, so that one can be given little memory, or be ended. */
export type StartThread = (file: URL, options: WorkerOptions) => Worker;

/** Threads that have started, each waiting for its carrier to be connected. */
export type CarrierThreads = {
  readonly carriers: readonly ConnectCarrier[];
  /** Ends the threads that have not ended; after a run there is nothing left in them. */
  close(): Promise<void>;
};

// The source runs as .ts in a checkout and as .js in the published package.
const file = new URL(
  import.meta.url.endsWith('.ts') ? 'carrier-thread.ts' : 'carrier-thread.js',
  import.meta.url,
);

/**
 * Starts `count` threads with a carrier each, and waits until all have what they need: the connections of the first
 * could leave no descriptors for the files of the second. Rejects with `CarrierLost` when one cannot start.
 */
export async function startCarrierThreads(
  setup: ThreadSetup,
  count: number,
  start: StartThread = (thread, options) => new Worker(thread, options),
): Promise<CarrierThreads> {
  const threads: CarrierThread[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.end()));
  };
  try {
    while (threads.length < count) threads.push(openThread(setup, start));
    await Promise.all(threads.map((thread) => thread.started));
  } catch (error) {
    await close();
    throw error;
  }
  return { carriers: threads.map((thread) => thread.connect), close };
}

// V8 would let what is short-lived grow to 67 MB a thread before it looks; with 24 MB, 1,000,000 messages need 160 MB less and
// take no more CPU time.
const maxYoungGenerationSizeMb = 24;

type CarrierThread = {
  /** Rejects when it dies first. */
  readonly started: Promise<void>;
  readonly connect: ConnectCarrier;
  end(): Promise<void>;
};

function openThread(setup: ThreadSetup, start: StartThread): CarrierThread {
  const worker = newWorker(setup, start);
  let events: CarrierEvents | null = null;
  let lost: CarrierLost | null = null;
  let stopped = false;
  const { promise: started, resolve, reject } = Promise.withResolvers<void>();
  // Of several threads that die at the start only the first is waited for.
  started.catch(() => undefined);
  const tellLost = (): void => {
    if (stopped || lost === null || events === null) return;
    stopped = true;
    events.failed(lost);
    // It will not stop any more than it has.
    events.stopped();
  };
  const die = (cause: unknown): void => {
    lost ??= new CarrierLost(cause);
    reject(lost);
    tellLost();
  };
  worker.on('message', (message: FromCarrier) => {
    if (message.call === 'started') resolve();
    stopped ||= message.call === 'stopped';
    if (events !== null) hear(events, message);
  });
  worker.once('error', die);
  worker.once('exit', (code) => die(`exit code ${code}`));
  return {
    started,
    connect(listener) {
      events = listener;
      // It may have died between its start and now; told in a turn of its own, like everything else it tells.
      setImmediate(tellLost);
      return portTo(worker);
    },
    end: async () => void (await worker.terminate()),
  };
}

function newWorker(setup: ThreadSetup, start: StartThread): Worker {
  try {
    return start(file, { workerData: setup, resourceLimits: { maxYoungGenerationSizeMb } });
  } catch (error) {
    // No descriptors or no memory for a thread: the system's reason, not a bug.
    throw new CarrierLost(error);
  }
}

function portTo(worker: Worker): CarrierPort {
  const tell = (message: ToCarrier): void => worker.postMessage(message);
  return {
    assign: (batch) => tell({ call: 'assign', batch }),
    retire: (site) => tell({ call: 'retire', site }),
    share: (shared) => tell({ call: 'share', shared }),
    suspend: (stops) => tell({ call: 'suspend', stops }),
    lift: (targets) => tell({ call: 'lift', targets }),
    slowDown: (target, factor) => tell({ call: 'slowDown', target, factor }),
    acknowledge: (count) => tell({ call: 'acknowledge', count }),
    pause: () => tell({ call: 'pause' }),
    resume: () => tell({ call: 'resume' }),
    stop: (graceMs) => tell({ call: 'stop', graceMs }),
  };
}

function hear(events: CarrierEvents, message: FromCarrier): void {
  switch (message.call) {
    case 'started':
      break;
    case 'settled':
      events.settled(unpackSettled(message.report));
      break;
    case 'missing':
      events.missing(message.count);
      break;
    case 'closed':
      events.closed(message.returned);
      break;
    case 'held':
      events.held(message.hold, message.shared);
      break;
    case 'released':
      events.released(message.hold);
      break;
    case 'limited':
      events.limited(message.site);
      break;
    case 'wayFailed':
      events.wayFailed(message.failure);
      break;
    case 'paced':
      events.paced(message.report);
      break;
    case 'tlsSeen':
      events.tlsSeen?.(message.batch);
      break;
    case 'stopped':
      events.stopped();
      break;
    case 'failed':
      events.failed(unpackFailure(message.failure));
      break;
  }
}
