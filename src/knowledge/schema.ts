import { z } from 'zod';
import {
  actionNames,
  confidenceNames,
  partyNames,
  providerKinds,
  retryNames,
  ruleStageNames,
  scopeNames,
  verdictNames,
} from './vocabulary.ts';

// The shape of each file of the knowledge folder. Objects are strict: a misspelt key is an error, not a rule without effect.

const oneLine = z.string().trim().min(1).max(600);
const bilingual = z.strictObject({ ja: oneLine, en: oneLine });
const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower case letters, digits and single hyphens');
/** A key of sources.yaml or an address; several may be given. */
const source = z.array(z.string().min(2)).min(1);
const date = z.iso.date();
const verdict = z.enum(verdictNames);
const party = z.enum(partyNames);
const action = z.enum(actionNames);

export const verdictsFile = z.strictObject({
  verdicts: z.array(
    z.strictObject({
      name: verdict,
      meaning: bilingual,
      hard: z.boolean(),
      party,
      scope: z.enum(scopeNames),
      retry: z.enum(retryNames),
    }),
  ),
});

export const sourcesFile = z.strictObject({
  sources: z.record(
    name,
    z.strictObject({ url: z.string().min(4), seen: z.string().optional(), unverified: z.literal(true).optional() }),
  ),
});

const domainName = z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a lower-case domain, or *.domain');

const timezone = z.string().max(64).refine(isTimezone, 'a time zone of the IANA database, such as Asia/Tokyo');

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export const providersFile = z.strictObject({
  providers: z.array(
    z.strictObject({
      id: name,
      name: bilingual,
      kind: z.enum(providerKinds),
      domains: z.array(domainName).default([]),
      mx: z.array(domainName).default([]),
      /** Where nearly all of its users are. */
      timezone: timezone.optional(),
      /** The provider may answer 250 and then show the mail to nobody; how, in words. */
      acceptsThenDrops: bilingual.optional(),
      recipientSteps: z.strictObject({ ja: z.array(oneLine).min(1), en: z.array(oneLine).min(1), source }).optional(),
      source,
    }),
  ),
});

const replyCode = z.union([z.int().min(200).max(599), z.enum(['4xx', '5xx'])]);

/** `none`: a bounce that quotes no reply code, such as what a server says of its own tries. */
const ruleCode = z.union([replyCode, z.literal('none')]);

const replyRule = z.strictObject({
  id: name,
  pattern: z.string().min(1).max(1500),
  codes: z.array(ruleCode).min(1).optional(),
  stage: z.array(z.enum(ruleStageNames)).min(1).optional(),
  verdict,
  detail: name.optional(),
  party: party.optional(),
  action: action.optional(),
  /** The words identify the provider, so the rule also holds where the provider is not known. */
  anywhere: z.boolean().optional(),
  /** A reply that the rule must win; of the first stage listed. Addresses are invented. */
  sample: z.string().min(4).max(1000),
  source,
  validFrom: date.optional(),
  validUntil: date.optional(),
  confidence: z.enum(confidenceNames),
});

export const repliesFile = z.strictObject({
  /** Providers whose servers speak so; absent: any server. */
  providers: z.array(name).min(1).optional(),
  rules: z.array(replyRule),
});

const meaning = { verdict, detail: name.optional(), party: party.optional(), action: action.optional() };

export const statusCodesFile = z.strictObject({
  statuses: z.array(
    z.strictObject({
      code: z.string().regex(/^[245X]\.\d{1,3}\.\d{1,3}$/, 'like X.1.1 or 4.7.1'),
      ...meaning,
      /** The code is used for so many things that any text says more. */
      weak: z.boolean().optional(),
      source,
    }),
  ),
  replyCodes: z.array(
    z.strictObject({ code: replyCode, stage: z.array(z.enum(ruleStageNames)).min(1).optional(), ...meaning, source }),
  ),
});

const steps = z.array(oneLine).min(1);
const adviceText = z.strictObject({
  title: oneLine,
  meaning: oneLine,
  /** Said besides while the message waits for its next try, and only then. */
  retrying: oneLine.optional(),
  steps: z.strictObject({
    sender: steps.optional(),
    operator: steps.optional(),
    recipient: steps.optional(),
    'recipient-admin': steps.optional(),
  }),
});

export const adviceFile = z.strictObject({
  verdicts: z.record(z.string(), adviceText).default({}),
  details: z.record(name, adviceText).default({}),
  causes: z.record(name, adviceText).default({}),
  /** What helps, in one sentence for each action. */
  actions: z.partialRecord(action, oneLine).default({}),
});

export type ProvidersFile = z.infer<typeof providersFile>;
export type RepliesFile = z.infer<typeof repliesFile>;
export type StatusCodesFile = z.infer<typeof statusCodesFile>;
export type AdviceFile = z.infer<typeof adviceFile>;
