import { AppError, StorageFull } from '../base/index.ts';
import type { Campaign, CampaignStore, NewRecipient } from './index.ts';

/** A recipient with the line of the file it came from, for messages to people. */
export type SourcedRecipient = NewRecipient & { readonly line: number };

/** Hands over every usable recipient in batches; resolves with its own summary when all are through. */
export type RecipientSource<Summary> = (
  accept: (batch: readonly SourcedRecipient[]) => void | Promise<void>,
) => Promise<Summary>;

/**
 * Looks at a batch before it is stored; throws an AppError when the content cannot be made for one of them.
 * Called for each batch in order.
 */
export type BatchCheck = (batch: readonly SourcedRecipient[]) => void;

export type Prepared<Summary> = {
  readonly campaign: Campaign;
  readonly accepted: number;
  readonly suppressed: number;
  readonly summary: Summary;
};

/**
 * Stores a campaign with all its recipients and opens it. Until it is open nothing may be sent and nothing counts
 * as accepted; whatever goes wrong before leaves no row behind.
 */
export async function prepareCampaign<Summary>(
  parts: {
    /** Called once, when the first recipients have passed `check`: what fails before that has touched no store. */
    readonly openStore: () => CampaignStore;
    readonly source: RecipientSource<Summary>;
    readonly check: BatchCheck;
  },
  draft: Omit<Campaign, 'id' | 'state'>,
): Promise<Prepared<Summary>> {
  const { openStore, source, check } = parts;
  const draftOf = onFirstUse((): Begun => {
    const store = openStore();
    return { store, campaign: store.create(draft) };
  });
  try {
    let accepted = 0;
    let suppressed = 0;
    const summary = await source((batch) => {
      check(batch);
      const { store, campaign } = draftOf.use();
      const added = store.addRecipients(campaign.id, batch);
      accepted += added.accepted;
      suppressed += added.suppressed;
    });
    const begun = draftOf.made();
    if (begun === null || accepted === 0) throw nobody();
    const { store, campaign } = begun;
    store.open(campaign.id);
    return { campaign: { ...campaign, state: 'open' }, accepted, suppressed, summary };
  } catch (error) {
    const begun = draftOf.made();
    if (begun !== null) discard(begun);
    throw error;
  }
}

type Begun = { readonly store: CampaignStore; readonly campaign: Campaign };

function onFirstUse<Value>(make: () => Value): { use(): Value; made(): Value | null } {
  let made: { readonly value: Value } | null = null;
  return {
    use: () => (made ??= { value: make() }).value,
    made: () => made?.value ?? null,
  };
}

function discard({ store, campaign }: Begun): void {
  try {
    store.discard(campaign.id);
  } catch (error) {
    // A full disk refuses this as well. The first error is the one to tell; the next opening of the data folder
    // clears what is still in preparation.
    if (!(error instanceof StorageFull)) throw error;
  }
}

function nobody(): AppError {
  return new AppError({
    code: 'campaign-without-recipients',
    message: { ja: '送信できる宛先が 1 件もありません', en: 'there is not one recipient to send to' },
    hint: {
      ja: '除外された行の理由を見て CSV を直してください（--rejected FILE で一覧を書き出せます）',
      en: 'mend the CSV by the reasons given for the rows left out (--rejected FILE writes them down)',
    },
  });
}
