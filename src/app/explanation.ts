import type { DeliveryReport } from '../cli/index.ts';
import type { Explain } from '../delivery/index.ts';
import type { LocalCause, MessageState, Outcome } from '../events/index.ts';
import { partyNames } from '../knowledge/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { adviceFor, createClassifier, createReader, partyFor } from '../replies/index.ts';
import type { OutcomeReader } from '../replies/index.ts';
import type { OutcomeCount, ReasonCount } from '../storage/sqlite/index.ts';
import { otherProviders } from './tally.ts';

export function outcomeReader(knowledge: Knowledge): OutcomeReader {
  return createReader(createClassifier(knowledge), knowledge);
}

/** What the knowledge base says of one message, for `why`. */
export function explainer(knowledge: Knowledge, reader: OutcomeReader): Explain {
  return ({ outcome, news, reached, verdict, detail, domain, state }) => {
    const mxHost = outcome?.host ?? null;
    const reading = outcome === null ? null : reader.classify(outcome, { mxHost, domain });
    const isCaptured = outcome === null && news === null && state === 'delivered';
    const provider = reached || isCaptured ? null : knowledge.providerOf({ mxHost, domain });
    const party = news === null ? reading?.party : partyNames.find((each) => each === news.party);
    const request = {
      verdict,
      detail,
      state,
      provider: provider?.id ?? null,
      cause: isCaptured ? 'captured' : news === null ? causeOf(outcome, state) : null,
      ...(party === undefined ? {} : { party }),
    };
    return {
      party: partyFor(request, knowledge),
      confidence: news?.reading.confidence ?? reading?.confidence ?? null,
      dropsSilently: (provider?.acceptsThenDrops ?? null) !== null,
      advice: adviceFor(request, knowledge),
    };
  };
}

/** An end after outcomes that leave it open whether the mail arrived has that as its cause, not the last broken connection. */
function causeOf(outcome: Outcome | null, state: MessageState): LocalCause | null {
  if (outcome?.kind === 'unknown' && state === 'expired') return 'too-many-unknown';
  return outcome?.origin === 'local' ? outcome.cause : null;
}

/** The table by provider and the reasons in words. */
export function deliveryReport(
  knowledge: Knowledge,
  counts: readonly OutcomeCount[],
  reasons: readonly ReasonCount[],
): DeliveryReport {
  return {
    providers: byProvider(knowledge, counts),
    reasons: reasons.map((reason) => inWords(knowledge, reason)),
  };
}

function byProvider(knowledge: Knowledge, counts: readonly OutcomeCount[]): DeliveryReport['providers'] {
  const rows = new Map<string, Row>();
  for (const { domain, state, count } of counts) {
    const provider = knowledge.providerOf({ mxHost: null, domain });
    const id = provider?.id ?? '';
    const row = rows.get(id) ?? { provider: provider?.name ?? otherProviders, accepted: 0, ...noStates };
    rows.set(id, { ...row, accepted: row.accepted + count, [state]: row[state] + count });
  }
  return [...rows.values()].toSorted((a, b) => b.accepted - a.accepted);
}

type Row = DeliveryReport['providers'][number];

const noStates = { delivered: 0, bounced: 0, suppressed: 0, expired: 0, cancelled: 0, waiting: 0 };

function inWords(knowledge: Knowledge, reason: ReasonCount): DeliveryReport['reasons'][number] {
  const { verdict, detail, state, count, example } = reason;
  const advice = adviceFor({ verdict, detail, state }, knowledge);
  return {
    title: { ja: advice.ja.title, en: advice.en.title },
    party: partyFor({ verdict, detail, state }, knowledge),
    state,
    count,
    example: example.address,
  };
}
