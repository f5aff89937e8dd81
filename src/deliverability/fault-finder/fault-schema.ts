import { z } from 'zod';
import { partyNames } from '../../knowledge/index.ts';

// The shape of knowledge/faults/*.yaml. What lacks a text in one of the languages, or its source, is an error with its place.

const words = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });
const steps = z.strictObject({
  ja: z.array(z.string().min(1)).min(1),
  en: z.array(z.string().min(1)).min(1),
});
const source = z.array(z.string().min(1)).min(1);
const id = z.string().regex(/^[a-z0-9-]{1,40}$/);

/** Checks that can answer a question in the person's place. */
export const measures = ['address', 'mailbox', 'store'] as const;

const answer = z.strictObject({
  id,
  ja: z.string().min(1),
  en: z.string().min(1),
  next: id.optional(),
  cause: id.optional(),
});

const asked = z.strictObject({ ask: z.string().min(1), hint: z.string() });

const question = z.strictObject({
  ja: asked,
  en: asked,
  measure: z
    .strictObject({
      check: z.enum(measures),
      /** The first of these findings that the check gives decides. */
      answers: z
        .array(z.strictObject({ finding: z.string().regex(/^[a-z]+\.[a-z0-9-]+$/), answer: id }))
        .min(1),
      /** The answer when none of them was found; null: the person is asked. */
      otherwise: id.nullable(),
    })
    .optional(),
  answers: z.array(answer).min(2),
});

export const questionFile = z.strictObject({
  symptoms: z.record(id, z.strictObject({ first: id, ja: z.string().min(1), en: z.string().min(1) })),
  questions: z.record(id, question),
});

const advice = z.strictObject({
  title: z.string().min(1),
  meaning: z.string().min(1),
  steps: z.array(z.string().min(1)).min(1),
});

export const causeFile = z.record(
  id,
  z.strictObject({
    party: z.enum(partyNames),
    place: z.enum(['provider', 'program']).nullable(),
    check: z.string().nullable(),
    ja: advice,
    en: advice,
    source,
  }),
);

export const placeFile = z.strictObject({
  providers: z.array(
    z.strictObject({
      id,
      sizeMegabytes: z.number().positive().optional(),
      mailbox: words.optional(),
      confidence: z.enum(['published', 'reported']).optional(),
      source,
    }),
  ),
  programs: z.array(z.strictObject({ id, name: words, causes: z.record(id, steps), source })),
});

// Of knowledge/mailbox/services.yaml only what people type into their programs is read here.
const server = z.object({ host: z.string(), port: z.number(), tls: z.string() });
export const serviceFile = z.object({
  services: z.array(
    z.object({
      // One is called 163.
      id: z.coerce.string(),
      imap: server.optional(),
      pop: server.optional(),
      smtp: server.optional(),
    }),
  ),
});

export type MailServer = z.output<typeof server>;
export type Measure = NonNullable<z.output<typeof question>['measure']>;
export type CauseText = z.output<typeof causeFile>[string];
export type QuestionText = z.output<typeof question>;
export type AnswerText = z.output<typeof answer>;
export type PlaceFacts = z.output<typeof placeFile>;
export type ServiceFacts = z.output<typeof serviceFile>['services'][number];
