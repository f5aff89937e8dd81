import type { Bilingual, Language } from '../base/index.ts';
import type { MessageState } from '../events/index.ts';
import { actionNames, partyNames, type AdviceText, type Knowledge, type Party } from '../knowledge/index.ts';
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
  /** What became of the message; absent: a reply by itself. */
  readonly state?: MessageState;
};

/** For messages of which there is no attempt to explain. */
const untriedTopics: { readonly [State in MessageState]?: Untried } = {
  waiting: { cause: 'not-tried', party: 'nobody' },
  expired: { cause: 'not-tried-in-time', party: 'operator' },
  suppressed: { cause: 'suppressed', party: 'sender' },
  cancelled: { cause: 'cancelled', party: 'sender' },
};

type Untried = { readonly cause: string; readonly party: Party };

/** Text that a receiver took but may not show: success that proves nothing. */
const silentDropDetail = 'accepted-may-be-dropped';

/** The advice in both languages, the finest text there is: cause, then detail, then verdict. */
export function adviceFor(
  request: AdviceRequest,
  knowledge: Knowledge,
): { readonly ja: Advice; readonly en: Advice } {
  return { ja: adviceIn('ja', request, knowledge), en: adviceIn('en', request, knowledge) };
}

/** Whose turn it is. */
export function partyFor(request: AdviceRequest, knowledge: Knowledge): Party {
  // Who has steps to take is the same in both languages: `load.test.ts` compares them.
  return topicOf('en', request, knowledge).party;
}

function adviceIn(language: Language, request: AdviceRequest, knowledge: Knowledge): Advice {
  const { text, party, own, drops } = topicOf(language, request, knowledge);
  const gaveUp = request.state === 'expired' && request.verdict !== null && request.verdict !== 'expired';
  const end = gaveUp ? find(knowledge.advice[language].causes, 'expired') : null;
  const meaning = [
    text.meaning,
    request.state === 'waiting' ? text.retrying : undefined,
    end?.meaning,
    drops?.[language],
  ];
  return {
    title: text.title,
    meaning: meaning.filter((each) => each !== undefined).join(language === 'ja' ? '' : ' '),
    steps: stepsOf(text, party, { recipient: own, sender: end?.steps.sender ?? [] }),
  };
}

type Topic = {
  readonly text: AdviceText;
  readonly party: Party;
  /** The provider's own steps for its users. */
  readonly own: readonly string[];
  /** What is known of a provider that took the mail and may drop it. */
  readonly drops: Bilingual | null;
};

/** What the advice is about. */
function topicOf(language: Language, request: AdviceRequest, knowledge: Knowledge): Topic {
  const texts = knowledge.advice[language];
  const provider = knowledge.providers.find((each) => each.id === request.provider) ?? null;
  const untried = untriedTopic(request);
  const verdict = request.verdict ?? (untried === null ? 'delivered' : 'undefined');
  const drops = verdict === 'delivered' ? (provider?.acceptsThenDrops ?? null) : null;
  const detail = drops === null ? (request.detail ?? null) : silentDropDetail;
  const text =
    find(texts.causes, untried?.cause ?? request.cause) ??
    find(texts.causes, detail) ??
    find(texts.details, detail) ??
    find(texts.verdicts, verdict) ??
    find(texts.verdicts, 'undefined');
  if (text === null) throw new Error(`advice/${language}.yaml has no text for undefined`);
  const usual = drops === null ? usualParty(verdict, knowledge) : 'recipient';
  const known = untried?.party ?? request.party ?? usual;
  // Such steps are about a provider's filters: they help nobody whose mailbox is full. What was taken may lie in one.
  const helps = verdict === 'filtered' || verdict === 'delivered';
  const own = helps ? (provider?.recipientSteps?.[language] ?? []) : [];
  return { text, party: afterTheEnd(known, text, request.state), own, drops };
}

function untriedTopic({ verdict, state }: AdviceRequest): Untried | null {
  const topic = state === undefined ? undefined : untriedTopics[state];
  return topic !== undefined && (verdict === null || verdict === state) ? topic : null;
}

/** Nobody's turn means: wait. When the waiting has ended in vain, it is the turn of whoever can mend it. */
function afterTheEnd(known: Party, text: AdviceText, state: MessageState | undefined): Party {
  if (known !== 'nobody' || state === undefined || state === 'delivered' || state === 'waiting') return known;
  return text.steps['recipient-admin'] === undefined ? 'sender' : 'recipient-admin';
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

function stepsOf(
  text: AdviceText,
  first: Party,
  more: { readonly recipient: readonly string[]; readonly sender: readonly string[] },
): Advice['steps'] {
  const order: readonly Party[] = [first, ...partyNames.filter((party) => party !== first)];
  return order.flatMap((party) => {
    if (party === 'nobody') return [];
    const added = party === 'recipient' || party === 'sender' ? more[party] : [];
    const steps = [...(text.steps[party] ?? []), ...added];
    return steps.length === 0 ? [] : [{ party, steps }];
  });
}

/** Verdicts, details, causes and actions without a text, as `ja:details.greylisted`; empty when the folder is complete. */
export function missingAdvice(knowledge: Knowledge): readonly string[] {
  const details = new Set<string>([silentDropDetail]);
  for (const { detail } of [...knowledge.rules, ...knowledge.statuses.values(), ...knowledge.replyCodes]) {
    if (detail !== null && detail !== undefined) details.add(detail);
  }
  const wanted = { verdicts: [...knowledge.verdicts.keys()], details: [...details], causes: localCauses };
  const languages: readonly Language[] = ['ja', 'en'];
  const actions = languages.flatMap((language) =>
    actionNames
      .filter((name) => knowledge.advice[language].actions[name] === undefined)
      .map((name) => `${language}:actions.${name}`),
  );
  const texts = languages.flatMap((language) =>
    (['verdicts', 'details', 'causes'] as const).flatMap((kind) =>
      wanted[kind]
        .filter((name) => find(knowledge.advice[language][kind], name) === null)
        .map((name) => `${language}:${kind}.${name}`),
    ),
  );
  return [...texts, ...actions];
}
