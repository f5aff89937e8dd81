import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Bilingual } from '../../base/index.ts';
import type { Provider } from '../../knowledge/index.ts';
import { causeFile, placeFile, questionFile, serviceFile } from './fault-schema.ts';
import type { CauseText, PlaceFacts, QuestionText, ServiceFacts } from './fault-schema.ts';

export type Symptom = Bilingual & { readonly id: string; readonly first: string };

/** Everything that the fault finder knows, read once. */
export type Faults = {
  readonly symptoms: readonly Symptom[];
  readonly questions: ReadonlyMap<string, QuestionText>;
  readonly causes: ReadonlyMap<string, CauseText>;
  readonly places: PlaceFacts;
  /** Servers of providers by id. */
  readonly services: ReadonlyMap<string, ServiceFacts>;
  /** For the names and allow lists of providers. */
  readonly providers: ReadonlyMap<string, Provider>;
};

/** Reads `faults/*.yaml` of a knowledge folder; throws with the place of what is wrong or leads nowhere. */
export function loadFaults(folder: string, providers: readonly Provider[]): Faults {
  const { symptoms, questions } = read(folder, 'faults/questions.yaml', questionFile);
  const causes = read(folder, 'faults/causes.yaml', causeFile);
  const places = read(folder, 'faults/places.yaml', placeFile);
  const { services } = read(folder, 'mailbox/services.yaml', serviceFile);
  const faults: Faults = {
    symptoms: Object.entries(symptoms).map(([id, symptom]) => ({ id, ...symptom })),
    questions: new Map(Object.entries(questions)),
    causes: new Map(Object.entries(causes)),
    places,
    services: new Map(services.map((each) => [each.id, each])),
    providers: new Map(providers.map((each) => [each.id, each])),
  };
  const astray = leadingNowhere(faults);
  if (astray.length > 0) throw new Error(`knowledge/faults: ${astray.join('; ')}`);
  return faults;
}

function read<Shape>(folder: string, file: string, schema: z.ZodType<Shape>): Shape {
  const result = schema.safeParse(parse(readFileSync(join(folder, file), 'utf8')));
  if (!result.success) throw new Error(`knowledge/${file}: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** Names of what is not there. */
function leadingNowhere({ symptoms, questions, causes, places, providers }: Faults): readonly string[] {
  const wrong: string[] = [];
  for (const { id, first } of symptoms) if (!questions.has(first)) wrong.push(`${id} begins with ${first}`);
  for (const [id, { answers, measure }] of questions) {
    for (const { id: answer, next, cause } of answers) {
      const isThere = next === undefined ? cause !== undefined && causes.has(cause) : questions.has(next);
      if (!isThere || (next !== undefined && cause !== undefined)) wrong.push(`${id}/${answer}`);
    }
    const known = new Set(answers.map((each) => each.id));
    if (known.size < answers.length) wrong.push(`${id} has an answer twice`);
    const measured = [...(measure?.answers ?? []).map(({ answer }) => answer), measure?.otherwise ?? null];
    for (const answer of measured)
      if (answer !== null && !known.has(answer)) wrong.push(`${id} measures ${answer}`);
  }
  for (const { id } of places.providers) if (!providers.has(id)) wrong.push(`no provider ${id}`);
  for (const { id, causes: own } of places.programs)
    for (const cause of Object.keys(own)) if (!causes.has(cause)) wrong.push(`${id} has steps for ${cause}`);
  return wrong;
}
