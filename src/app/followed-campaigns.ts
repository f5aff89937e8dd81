import { z } from 'zod';
import type { Clock } from '../base/index.ts';
import type { Campaign } from '../campaigns/index.ts';
import type { DeliveryProgress, DeliveryResult, DeliveryWatch } from '../cli/index.ts';
import type { ControlLine } from '../control/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { resultOf } from './delivery-run.ts';
import { handedOverText } from './remarks.ts';

type FollowParts = {
  readonly line: ControlLine;
  /** For reading, beside the process that serves. */
  readonly reader: () => Store;
  readonly clock: Clock;
};

const followed = z.object({ seconds: z.number(), cpuSeconds: z.number(), unknown: z.number() });

/** Shows how the process that serves delivers campaigns, until none of them is open; without `watch` it looks once. */
export async function followCampaigns(
  { line, reader, clock }: FollowParts,
  campaigns: readonly Campaign[],
  watch: DeliveryWatch | null,
): Promise<DeliveryResult> {
  const nothing = { seconds: 0, cpuSeconds: 0, unknown: 0 };
  const answer = (run: z.infer<typeof followed>, aborted: boolean): DeliveryResult => {
    return { ...resultOf(reader(), campaigns, { ...run, aborted }), handedOver: true };
  };
  if (watch === null) return answer(nothing, false);
  watch.remark(handedOverText);
  const leave = (): void => line.close();
  watch.signal.addEventListener('abort', leave, { once: true });
  if (watch.signal.aborted) leave();
  const startedMs = clock.monotonic();
  try {
    const { waiting } = answer(nothing, false);
    const input = { campaignIds: campaigns.map(({ id }) => id), waiting };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both ends are of the same version (src/control/)
    const show = (news: unknown): void => watch.delivering(news as DeliveryProgress);
    const run = followed.parse(await line.call('follow', input, show));
    // Something waits still: the process that serves is ending, and goes on when it is started again.
    return answer(run, true);
  } catch (error) {
    if (!watch.signal.aborted) throw error;
    return answer({ ...nothing, seconds: (clock.monotonic() - startedMs) / 1000 }, true);
  } finally {
    watch.signal.removeEventListener('abort', leave);
  }
}
