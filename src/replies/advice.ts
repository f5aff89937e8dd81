import type { Language } from '../base/index.ts';
import { partyNames, type AdviceText, type Knowledge, type Party } from '../knowledge/index.ts';
import { localCauses } from './local-cause.ts';

/** What to tell people: one text in one language. */
export type Advice = {
  readonly title: string;
  readonly meaning: string;
  /** Steps by whoever can take them; the party whose turn it is comes first. */
  readonly steps: readonly { readonly party: Party; readonly steps: readonly string[] }[];
};

export type AdviceRequest = {
  /** Null for a success. */
  readonly verdict: string | null;
  readonly detail?: string | null;
  /** Id of the provider, for its own steps. */
  readonly provider?: string | null;
  /** Cause of a local outcome. */
  readonly cause?: string | null;
  /** Whose turn it is; absent: the verdict's usual party. */
  readonly party?: Party;
};

/** Text that a receiver took but may not show: success that proves nothing. */
const silentDropDetail = 'accepted-may-be-dropped';

/** The advice in both languages, the finest text there is: cause, then detail, then verdict. */
export function adviceFor(
  request: AdviceRequest,
  knowledge: Knowledge,
): { readonly ja: Advice; readonly en: Advice } {
  return { ja: adviceIn('ja', request, knowledge), en: adviceIn('en', request, knowledge) };
}

function adviceIn(language: Language, request: AdviceRequest, knowledge: Knowledge): Advice {
  const texts = knowledge.advice[language];
  const provider = knowledge.providers.find((each) => each.id === request.provider) ?? null;
  const verdict = request.verdict ?? 'delivered';
  const drops = verdict === 'delivered' ? (provider?.acceptsThenDrops ?? null) : null;
  const detail = drops === null ? (request.detail ?? null) : silentDropDetail;
  const text =
    find(texts.causes, request.cause) ??
    find(texts.causes, detail) ??
    find(texts.details, detail) ??
    find(texts.verdicts, verdict) ??
    find(texts.verdicts, 'undefined');
  if (text === null) throw new Error(`advice/${language}.yaml has no text for undefined`);
  const party = request.party ?? (drops === null ? usualParty(verdict, knowledge) : 'recipient');
  const own = party === 'recipient' ? (provider?.recipientSteps?.[language] ?? []) : [];
  return {
    title: text.title,
    meaning: drops === null ? text.meaning : `${text.meaning} ${drops[language]}`,
    steps: stepsOf(text, party, own),
  };
}

function find(
  texts: Readonly<Record<string, AdviceText>>,
  name: string | null | undefined,
): AdviceText | null {
  return name !== null && name !== undefined && Object.hasOwn(texts, name) ? (texts[name] ?? null) : null;
}

function usualParty(verdict: string, knowledge: Knowledge): Party {
  return [...knowledge.verdicts.values()].find((facts) => facts.name === verdict)?.party ?? 'nobody';
}

function stepsOf(text: AdviceText, first: Party, own: readonly string[]): Advice['steps'] {
  const order: readonly Party[] = [first, ...partyNames.filter((party) => party !== first)];
  return order.flatMap((party) => {
    const written = party === 'nobody' ? [] : (text.steps[party] ?? []);
    const steps = party === 'recipient' ? [...written, ...own] : written;
    return steps.length === 0 ? [] : [{ party, steps }];
  });
}

/** Verdicts, details and causes without a text, as `ja:details.greylisted`; empty when the folder is complete. */
export function missingAdvice(knowledge: Knowledge): readonly string[] {
  const details = new Set<string>([silentDropDetail]);
  for (const { detail } of [...knowledge.rules, ...knowledge.statuses.values(), ...knowledge.replyCodes]) {
    if (detail !== null && detail !== undefined) details.add(detail);
  }
  const wanted = { verdicts: [...knowledge.verdicts.keys()], details: [...details], causes: localCauses };
  const languages: readonly Language[] = ['ja', 'en'];
  return languages.flatMap((language) =>
    (['verdicts', 'details', 'causes'] as const).flatMap((kind) =>
      wanted[kind]
        .filter((name) => find(knowledge.advice[language][kind], name) === null)
        .map((name) => `${language}:${kind}.${name}`),
    ),
  );
}
