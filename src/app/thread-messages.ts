import type { Config } from '../config/index.ts';
import type { KnowledgeFacts } from '../knowledge/index.ts';
import type {
  Assignment,
  PaceReport,
  PathHold,
  Returned,
  SharedHold,
  Suspension,
  SuspensionTarget,
  WayFailure,
} from '../delivery/index.ts';
import type { TlsSeen } from '../tls/index.ts';
import type { SettledColumns } from './settled-columns.ts';
import type { ThreadFailure } from './thread-failure.ts';

/** What a carrier's thread starts with. */
export type ThreadSetup = {
  /** The effective configuration of the run, the simulated world's included. */
  readonly config: Config;
  readonly knowledge: KnowledgeFacts;
  readonly dataFolder: string;
  readonly dnsServers: readonly string[];
  /** Number of threads, this one included. */
  readonly carrierCount: number;
};

/** Dispatcher → carrier: the calls of `CarrierPort` as values. */
export type ToCarrier =
  | { readonly call: 'assign'; readonly batch: readonly Assignment[] }
  | { readonly call: 'retire'; readonly site: string }
  | { readonly call: 'share'; readonly shared: SharedHold }
  | { readonly call: 'suspend'; readonly stops: readonly Suspension[] }
  | { readonly call: 'lift'; readonly targets: readonly SuspensionTarget[] }
  | { readonly call: 'slowDown'; readonly target: SuspensionTarget; readonly factor: number }
  | { readonly call: 'acknowledge'; readonly count: number }
  | { readonly call: 'pause' }
  | { readonly call: 'resume' }
  | { readonly call: 'stop'; readonly graceMs: number };

/** Carrier → dispatcher: that the thread has all it needs, then the calls of `CarrierEvents` as values. */
export type FromCarrier =
  | { readonly call: 'started' }
  | { readonly call: 'settled'; readonly report: SettledColumns }
  | { readonly call: 'missing'; readonly count: number }
  | { readonly call: 'closed'; readonly returned: Returned }
  | { readonly call: 'held'; readonly hold: PathHold; readonly shared: SharedHold }
  | { readonly call: 'released'; readonly hold: PathHold }
  | { readonly call: 'limited'; readonly site: string }
  | { readonly call: 'wayFailed'; readonly failure: WayFailure }
  | { readonly call: 'paced'; readonly report: PaceReport }
  | { readonly call: 'tlsSeen'; readonly batch: readonly TlsSeen[] }
  | { readonly call: 'stopped' }
  | { readonly call: 'failed'; readonly failure: ThreadFailure };
