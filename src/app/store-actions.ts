import type { AccessKey } from '../access/index.ts';
import type { Clock } from '../base/index.ts';
import type { CampaignIntake } from '../campaigns/index.ts';
import type { Config } from '../config/index.ts';
import type { SuppressionStore } from '../contacts/index.ts';
import type { ControlActions, ControlLine } from '../control/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { requireDomain } from './key-domains.ts';
import { webhookStoreActions } from './webhook-actions.ts';

export type StoreActionParts = {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
};

type StoreAction<Input, Answer> = (parts: StoreActionParts, input: Input) => Answer;

/**
 * What short commands change in the store: here when nobody works in the folder, or by the process that serves there
 * (src/control/). Inputs and answers are JSON values.
 */
export const storeActions = {
  cancel({ store, clock }, campaign: string): { readonly cancelled: number } | null {
    const found = store.campaigns.byName(campaign);
    return found?.state === 'open' ? store.campaigns.cancel(found.id, clock.now()) : null;
  },
  'suppression add'({ store }, batch: Parameters<SuppressionStore['add']>[0]) {
    return store.suppressions.add(batch);
  },
  'suppression remove'({ store }, facts: Parameters<SuppressionStore['remove']>) {
    return store.suppressions.remove(...facts);
  },
  /** Only the digest of the token travels. */
  'key create'({ store, config }, { key, digest }: { readonly key: AccessKey; readonly digest: string }) {
    for (const name of key.domains ?? []) requireDomain({ store, config }, name);
    store.keys.add(key, Buffer.from(digest, 'hex'));
    return true;
  },
  'key revoke'({ store, clock }, id: string) {
    return store.keys.revoke(id, clock.now());
  },
  ...webhookStoreActions,
} as const satisfies Readonly<Record<string, StoreAction<never, unknown>>>;

type StoreActions = typeof storeActions;
export type StoreActionName = keyof StoreActions;
export type StoreActionInput<Name extends StoreActionName> = Parameters<StoreActions[Name]>[1];
export type StoreActionAnswer<Name extends StoreActionName> = ReturnType<StoreActions[Name]>;

/** Does one here. */
export function doAction<Name extends StoreActionName>(
  parts: StoreActionParts,
  name: Name,
  input: StoreActionInput<Name>,
): StoreActionAnswer<Name> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript does not follow a name through the table
  const act = storeActions[name] as unknown as StoreAction<StoreActionInput<Name>, StoreActionAnswer<Name>>;
  return act(parts, input);
}

/** The same by the process that serves. */
export async function askAction<Name extends StoreActionName>(
  line: ControlLine,
  name: Name,
  input: StoreActionInput<Name>,
): Promise<StoreActionAnswer<Name>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both ends are of the same version (src/control/)
  return (await line.call(name, input)) as StoreActionAnswer<Name>;
}

/** For the process that serves: each as a call of its name. */
export function storeControlActions(parts: StoreActionParts): ControlActions {
  const actions = Object.entries(storeActions).map(([name, act]) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above: the caller was checked by the same types
    return [name, (input: unknown) => act(parts, input as never)] as const;
  });
  return Object.fromEntries(actions);
}

/** A campaign that is stored by the process that serves. */
export function remoteIntake(line: ControlLine): CampaignIntake {
  type Answer<Call extends keyof CampaignIntake> = Awaited<ReturnType<CampaignIntake[Call]>>;
  const ask = async <Call extends keyof CampaignIntake>(call: Call, input: unknown): Promise<Answer<Call>> =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    (await line.call(`campaign ${call}`, input)) as Answer<Call>;
  return {
    create: (draft) => ask('create', draft),
    addRecipients: (id, batch) => ask('addRecipients', { id, batch }),
    open: (id) => ask('open', { id }),
    discard: (id) => ask('discard', { id }),
  };
}
