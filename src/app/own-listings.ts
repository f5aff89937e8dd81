import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { RunParts } from './delivery-run.ts';
import { watchListings } from './listing-watch.ts';
import type { ListingWatch } from './listing-watch.ts';
import type { World } from './rehearsal.ts';
import { listingText, listingTroubleText, unaskedListsText } from './remarks.ts';

/** Watches what block lists say of our own sources and domains, while Todoku serves. */
export function watchOwnListings(
  { config, dnsServers }: World,
  { store, clock, random }: Pick<RunParts, 'store' | 'clock' | 'random'>,
  remark: (text: Bilingual) => void,
): ListingWatch {
  return watchListings(
    { config, store: store.listings, clock, random, dnsServers },
    {
      onChange: (event, list) => {
        // Lists of whole networks change by the day, and few refuse by them: the history has it.
        if (list.weight !== 'note') remark(listingText(event, list));
      },
      onUnasked: (lists) => remark(unaskedListsText(lists)),
      onTrouble: (error) => remark(listingTroubleText(error instanceof AppError ? error.text : null, error)),
    },
  );
}
