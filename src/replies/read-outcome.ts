import type { Outcome, OutcomeReading } from '../events/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Classification, Classifier } from './classify.ts';
import { classifyLocal } from './local-cause.ts';

/** Where an outcome arose, as far as it matters for its meaning. */
export type OutcomePlace = { readonly mxHost: string | null; readonly domain: string };

export type OutcomeReader = {
  read(outcome: Outcome, place: OutcomePlace): OutcomeReading;
  /** The same with party, hard bounce and action; null for a success. */
  classify(outcome: Outcome, place: OutcomePlace): Classification | null;
};

const success: OutcomeReading = { verdict: null, detail: null, rule: null, confidence: 1 };

/** Fills the `Reader` port of delivery: outcomes in, verdicts out. Local outcomes never meet the reply rules. */
export function createReader(classifier: Classifier, knowledge: Knowledge): OutcomeReader {
  const classify: OutcomeReader['classify'] = (outcome, place) => {
    if (outcome.kind === 'delivered') return null;
    if (outcome.origin === 'local') return classifyLocal(outcome.cause, knowledge);
    const { code, status, lines } = outcome.reply;
    return classifier.classifyReply(
      { code, status, text: lines.join(' ') },
      { ...place, stage: outcome.stage },
    );
  };
  return {
    classify,
    read(outcome, place) {
      const reading = classify(outcome, place);
      if (reading === null) return success;
      const { verdict, detail, rule, confidence, hardBounce } = reading;
      return { verdict, detail, rule, confidence, ...(hardBounce ? { hardBounce } : {}) };
    },
  };
}
