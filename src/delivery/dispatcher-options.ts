import type { Clock } from '../base/index.ts';
import type { ReactionRule } from '../knowledge/index.ts';
import type { ConnectCarrier } from './carrier-port.ts';
import type { SiteShape } from './deal.ts';
import type { EngineListener } from './engine-listener.ts';
import type { PaceStore } from './pace-ports.ts';
import type { DeliveryStore, Reader } from './ports.ts';
import type { ProviderIdOf } from './reaction-book.ts';
import type { ReactionStore } from './reaction-ports.ts';
import type { RetryPolicy } from './retry.ts';
import type { Router } from './route.ts';
import type { SendingHours } from './sending-hours.ts';
import type { Site } from './site.ts';
import type { SourcePlan } from './source-choice.ts';
import type { SourceDay } from './warm-up.ts';

export type DispatcherOptions = {
  readonly store: DeliveryStore;
  readonly reader: Reader;
  readonly router: Router;
  readonly clock: Clock;
  /** [0, 1). */
  readonly random: () => number;
  readonly retry: RetryPolicy;
  /** At least one. */
  readonly carriers: readonly ConnectCarrier[];
  /** Number of sources: ids are dealt so that each source is at each carrier. */
  readonly sources: number;
  /** Most sessions of one source at one site, over all carriers. */
  readonly mostSessions: number;
  /** What limits say of a site; left out: nothing. */
  readonly shapeOf?: (site: Site, domain: string) => SiteShape;
  /** true for a store failure that passes, e.g. a full disk. */
  readonly isPassing: (error: unknown) => boolean;
  /** Quiet hours and time zones; left out: none are known. */
  readonly hours?: SendingHours;
  /** Where learnt paces are kept; left out: nowhere. */
  readonly paces?: PaceStore;
  /** What replies make the engine do; left out: nothing. */
  readonly reactions?: readonly ReactionRule[];
  /** Where that is written down, and who runs a host; left out: nowhere, nobody known. */
  readonly reactionStore?: ReactionStore;
  readonly providerIdOf?: ProviderIdOf;
  /** Sources of which some are being warmed up; left out: none is. */
  readonly warmup?: { readonly sources: readonly SourcePlan[]; readonly history: readonly SourceDay[] };
  /** true: goes on when nothing waits, until `stop`; more is told of by `opened`. */
  readonly stays?: boolean;
  readonly listener: EngineListener;
};
