import type { Bilingual } from '../base/index.ts';
import type { Party } from '../knowledge/index.ts';
import type { FindingTexts } from './texts.ts';

/** `ok` and `info` are worth showing, `warning` will cost mail sooner or later, `problem` costs mail now. */
export type Severity = 'ok' | 'info' | 'warning' | 'problem';

/** `proved`: seen by us just now. `likely`: follows from what was seen. `unknowable`: nobody outside can see it. */
export type Certainty = 'proved' | 'likely' | 'unknowable';

/** Result of one check: what was seen, how bad it is, whose turn it is, and what to do. */
export type Finding = {
  /** `domain.spf-too-many-lookups`: the file of knowledge/findings and the entry in it. */
  readonly id: string;
  /** What it is about: a domain, an address, a header field, a folder. */
  readonly subject: string;
  readonly severity: Severity;
  readonly party: Party;
  readonly certainty: Certainty;
  /** What was seen, in plain text: a record, a reply, a number with its unit. At most 2,000 characters. */
  readonly evidence: string;
  readonly advice: { readonly ja: FindingAdvice; readonly en: FindingAdvice };
};

export type FindingAdvice = {
  readonly title: string;
  readonly meaning: string;
  readonly steps: readonly string[];
};

export type FindingParts = {
  readonly subject: string;
  readonly evidence: string;
  /** Left out: as the entry says. */
  readonly severity?: Severity;
  readonly certainty?: Certainty;
  /** For `{name}` in the texts. */
  readonly values?: Readonly<Record<string, string | number>>;
};

export type FindingMaker = (id: string, parts: FindingParts) => Finding;

// Evidence quotes what strangers answered.
const longestEvidence = 2_000;

/** Makes findings with the texts of the knowledge folder; an unknown id, or a value that a text lacks, is a bug and throws. */
export function createFindings(texts: FindingTexts): FindingMaker {
  return (id, parts) => {
    const text = texts.get(id);
    if (text === undefined) throw new Error(`no text for finding ${id} in knowledge/findings`);
    const fill = (sentence: string): string => filled(sentence, parts.values ?? {}, id);
    const advice = (language: keyof Bilingual): FindingAdvice => ({
      title: fill(text[language].title),
      meaning: fill(text[language].meaning),
      steps: text[language].steps.map(fill),
    });
    return {
      id,
      subject: parts.subject,
      severity: parts.severity ?? text.severity,
      party: text.party,
      certainty: parts.certainty ?? text.certainty,
      evidence: parts.evidence.slice(0, longestEvidence),
      advice: { ja: advice('ja'), en: advice('en') },
    };
  };
}

function filled(sentence: string, values: Readonly<Record<string, string | number>>, id: string): string {
  return sentence.replaceAll(/\{([a-zA-Z]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`finding ${id} lacks the value ${name}`);
    return String(value);
  });
}
