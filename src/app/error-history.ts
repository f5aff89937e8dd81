import { AppError, nearest } from '../base/index.ts';
import { messageIdHeader } from '../campaigns/index.ts';
import type { ErrorEntry, ErrorHistory, ErrorQuestion } from '../cli/index.ts';
import { createCsvFile, guarded } from '../contacts/index.ts';
import type { Failure, FailureFilter, ProviderOf } from '../delivery/index.ts';
import { verdictNames } from '../knowledge/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Store } from '../storage/sqlite/index.ts';

/** The error history as commands and, later, other doors ask for it: names are checked before anything is read. */
export function errorHistory(
  store: Pick<Store, 'failures' | 'campaigns'>,
  knowledge: Knowledge,
  question: ErrorQuestion,
): ErrorHistory {
  const filter = filterOf(store, knowledge, question);
  const providerOf: ProviderOf = (place) => knowledge.providerOf(place)?.id ?? null;
  const page: ErrorHistory['page'] = (cursor, limit) => {
    const found = store.failures.page(filter, { cursor, limit, providerOf });
    return { items: found.items.map(entryOf), next: found.next };
  };
  return {
    page,
    counts: () => store.failures.counts(filter, providerOf),
    writeCsv: (file) => writeCsv(file, page),
  };
}

function filterOf(
  store: Pick<Store, 'campaigns'>,
  knowledge: Knowledge,
  { provider, verdict, campaign, ...rest }: ErrorQuestion,
): FailureFilter {
  if (verdict !== null && !verdictNames.some((name) => name === verdict)) {
    throw unknownName({ ja: '判定', en: 'verdict' }, verdict, verdictNames);
  }
  const providers = knowledge.providers.map(({ id }) => id);
  if (provider !== null && !providers.includes(provider)) {
    throw unknownName({ ja: 'プロバイダー', en: 'provider' }, provider, providers);
  }
  const found = campaign === null ? null : store.campaigns.byName(campaign);
  if (campaign !== null && found === null) throw unknownCampaign(campaign);
  return { ...rest, provider, verdict, campaignId: found?.id ?? null };
}

function entryOf({ atMs, messageId, senderDomain, ...rest }: Failure): ErrorEntry {
  const { campaign } = rest;
  const isKnown = messageId !== null && campaign !== null && senderDomain !== null;
  return {
    at: new Date(atMs).toISOString(),
    message: isKnown ? messageIdHeader({ campaign, messageId }, senderDomain) : null,
    ...rest,
  };
}

// At most what the port allows a page to have.
const pageRows = 1_000;

const columns = [
  'at',
  'kind',
  'address',
  'domain',
  'provider',
  'campaign',
  'message',
  'state',
  'verdict',
  'detail',
  'hardBounce',
  'replyCode',
  'status',
  'said',
  'host',
  'stage',
  'cause',
  'rule',
  'confidence',
  'trusted',
  'id',
] as const satisfies readonly (keyof ErrorEntry)[];

/** Page by page, so memory stays small; cells are what strangers wrote, so none is a formula. */
function writeCsv(path: string, page: ErrorHistory['page']): number {
  const file = createCsvFile(path);
  let rows = 0;
  try {
    file.row(columns);
    for (let cursor: string | null = null, more = true; more;) {
      const { items, next } = page(cursor, pageRows);
      for (const entry of items) file.row(columns.map((column) => guarded(String(entry[column] ?? ''))));
      rows += items.length;
      cursor = next;
      more = next !== null;
    }
    file.finish();
  } finally {
    file.discard();
  }
  return rows;
}

// Enough of a name to know it again.
const mostShownCharacters = 80;

function unknownName(
  what: { readonly ja: string; readonly en: string },
  name: string,
  known: readonly string[],
): AppError {
  const near = nearest(name, known);
  const shown = name.slice(0, mostShownCharacters);
  return new AppError({
    code: 'errors-unknown-name',
    message: { ja: `${shown} という${what.ja}はありません`, en: `there is no ${what.en} ${shown}` },
    hint:
      near === null
        ? { ja: `あるもの: ${known.join(', ')}`, en: `there are: ${known.join(', ')}` }
        : { ja: `${near} のことですか`, en: `did you mean ${near}?` },
  });
}

function unknownCampaign(name: string): AppError {
  const shown = name.slice(0, mostShownCharacters);
  return new AppError({
    code: 'errors-unknown-campaign',
    message: { ja: `${shown} というキャンペーンはありません`, en: `there is no campaign ${shown}` },
    hint: { ja: '`todoku ledger` で名前を確かめてください', en: '`todoku ledger` shows the names' },
  });
}
