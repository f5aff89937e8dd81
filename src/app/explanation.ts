import type { DeliveryReport } from '../cli/index.ts';
import type { Explain } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { adviceFor, createClassifier, createReader } from '../replies/index.ts';
import type { OutcomeReader } from '../replies/index.ts';
import type { OutcomeCount, ReasonCount } from '../storage/sqlite/index.ts';
import { otherProviders } from './tally.ts';

export function outcomeReader(knowledge: Knowledge): OutcomeReader {
  return createReader(createClassifier(knowledge), knowledge);
}

/** What the knowledge base says of one message, for `why`. */
export function explainer(knowledge: Knowledge, reader: OutcomeReader): Explain {
  return ({ outcome, verdict, detail, domain }) => {
    const mxHost = outcome?.host ?? null;
    const reading = outcome === null ? null : reader.classify(outcome, { mxHost, domain });
    const provider = knowledge.providerOf({ mxHost, domain });
    const cause = outcome?.origin === 'local' ? outcome.cause : null;
    const party = reading?.party;
    const request = {
      verdict,
      detail,
      provider: provider?.id ?? null,
      cause,
      ...(party === undefined ? {} : { party }),
    };
    const advice = adviceFor(request, knowledge);
    return {
      party: party ?? advice.en.steps[0]?.party ?? 'nobody',
      confidence: reading?.confidence ?? null,
      dropsSilently: (provider?.acceptsThenDrops ?? null) !== null,
      advice,
    };
  };
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
  const advice = adviceFor({ verdict, detail }, knowledge);
  return {
    title: { ja: advice.ja.title, en: advice.en.title },
    party: advice.en.steps[0]?.party ?? 'nobody',
    state,
    count,
    example: example.address,
  };
}
