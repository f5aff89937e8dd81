import { Carrier } from './carrier.ts';
import type { CarrierOptions } from './carrier.ts';
import type { ConnectCarrier } from './carrier-port.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DispatcherOptions } from './dispatcher-options.ts';
import type { LiftRequest } from './reaction-ports.ts';

export type EngineOptions = Omit<DispatcherOptions, 'carriers' | 'sources'> &
  Omit<CarrierOptions, 'carrierCount' | 'events' | 'rows'> & {
    /** Carriers in threads of their own; left out: one in this thread. */
    readonly carriers?: readonly ConnectCarrier[];
  };

/** The delivery engine: a dispatcher and its carriers. */
export class Engine {
  readonly #dispatcher: Dispatcher;

  constructor(options: EngineOptions) {
    const own: ConnectCarrier = (events) =>
      new Carrier({ ...options, carrierCount: 1, rows: options.store, events });
    const carriers = options.carriers ?? [own];
    this.#dispatcher = new Dispatcher({ ...options, carriers, sources: options.sources.length });
  }

  /** Works until nothing is waiting or `stop` is called; rejects on a fault of the store, a carrier, or a bug. */
  async run(): Promise<void> {
    await this.#dispatcher.run();
  }

  /** Lifts stops that reactions made, before their time; returns how many. */
  lift(request: LiftRequest): number {
    return this.#dispatcher.lift(request);
  }

  /** Campaigns were opened since the run began: they are taken up at once, transactional ones before all others. */
  opened(campaignIds: readonly number[]): void {
    this.#dispatcher.opened(campaignIds);
  }

  /** Ends cleanly: starts nothing new, waits up to `graceMs` for what is under way, writes it all down. */
  stop(graceMs: number): void {
    this.#dispatcher.stop(graceMs);
  }
}
