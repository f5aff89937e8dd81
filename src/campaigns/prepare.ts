import { AppError } from '../base/index.ts';
import type { Campaign, NewRecipient } from './index.ts';

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

type Later<Value> = Value | Promise<Value>;

/** Where a campaign is stored: in the store itself, or by the process that works there. */
export type CampaignIntake = {
  create(campaign: Omit<Campaign, 'id' | 'state'>): Later<Campaign>;
  addRecipients(
    campaignId: number,
    batch: readonly NewRecipient[],
  ): Later<{ readonly accepted: number; readonly suppressed: number }>;
  open(campaignId: number): Later<void>;
  discard(campaignId: number): Later<void>;
};

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
    readonly openStore: () => CampaignIntake;
    readonly source: RecipientSource<Summary>;
    readonly check: BatchCheck;
  },
  draft: Omit<Campaign, 'id' | 'state'>,
): Promise<Prepared<Summary>> {
  const { openStore, source, check } = parts;
  const draftOf = onFirstUse(async (): Promise<Begun> => {
    const store = openStore();
    return { store, campaign: await store.create(draft) };
  });
  try {
    let accepted = 0;
    let suppressed = 0;
    const summary = await source(async (batch) => {
      check(batch);
      const { store, campaign } = await draftOf.use();
      const added = await store.addRecipients(campaign.id, batch);
      accepted += added.accepted;
      suppressed += added.suppressed;
    });
    const begun = await draftOf.made();
    if (begun === null || accepted === 0) throw nobody();
    const { store, campaign } = begun;
    await store.open(campaign.id);
    return { campaign: { ...campaign, state: 'open' }, accepted, suppressed, summary };
  } catch (error) {
    await discardIfBegun(draftOf.made());
    throw error;
  }
}

type Begun = { readonly store: CampaignIntake; readonly campaign: Campaign };

function onFirstUse<Value>(make: () => Value): { use(): Value; made(): Value | null } {
  let made: { readonly value: Value } | null = null;
  return {
    use: () => (made ??= { value: make() }).value,
    made: () => made?.value ?? null,
  };
}

/** The first error is the one to tell. */
async function discardIfBegun(draft: Promise<Begun> | null): Promise<void> {
  try {
    const begun = await draft;
    if (begun !== null) await begun.store.discard(begun.campaign.id);
  } catch (error) {
    // A full disk refuses this as well, and so does a process that has ended; the next opening of the data folder clears
    // what is still in preparation. A draft that failed was never there.
    if (!(error instanceof AppError)) throw error;
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
