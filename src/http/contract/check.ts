import { z } from '@hono/zod-openapi';
import { partyNames } from '../../knowledge/index.ts';

const advice = z.object({ title: z.string(), meaning: z.string(), steps: z.array(z.string()) });

export const finding = z
  .object({
    id: z.string().openapi({ example: 'domain.spf-too-many-lookups' }),
    subject: z.string(),
    severity: z.enum(['ok', 'info', 'warning', 'problem']),
    party: z.enum(partyNames),
    certainty: z.enum(['proved', 'likely', 'unknowable']),
    evidence: z.string(),
    advice: z.object({ ja: advice, en: advice }),
  })
  .openapi('Finding');

const count = z.int();
const summary = z.object({ ok: count, info: count, warning: count, problem: count });

export const checkAnswer = z
  .object({ subject: z.string(), findings: z.array(finding), summary })
  .openapi('CheckAnswer');

/** `rules`: what each provider asks of senders, line by line; the shape is that of `todoku check domain --json`. */
export const domainCheckAnswer = checkAnswer
  .extend({ rules: z.array(z.unknown()) })
  .openapi('DomainCheckAnswer');

/** `score`: the points of the mail, and what it lost them for. */
export const messageCheckAnswer = checkAnswer.extend({ score: z.unknown() }).openapi('MessageCheckAnswer');

export const domainCheck = z
  .strictObject({
    domain: z.string().min(1).max(253).openapi({ example: 'example.jp' }),
    ips: z
      .array(z.union([z.ipv4(), z.ipv6()]))
      .max(20)
      .optional(),
    selectors: z.array(z.string().min(1).max(63)).max(10).optional(),
  })
  .openapi('DomainCheck');

export const addressCheck = z
  .strictObject({ addresses: z.array(z.string().min(1).max(1_000)).min(1).max(100) })
  .openapi('AddressCheck');

export const blocklistCheck = z
  .strictObject({ subjects: z.array(z.string().min(1).max(253)).min(1).max(20) })
  .openapi('BlocklistCheck');

export const messageCheck = z
  .strictObject({
    source: z.base64().openapi({ description: 'the whole mail (RFC 5322), in base64' }),
    bulk: z.boolean().optional().openapi({ description: 'it goes to many' }),
  })
  .openapi('MessageCheck');
