import { z } from '@hono/zod-openapi';
import { time } from './message.ts';
import { pageOf, pageQuery } from './page.ts';

const reasons = ['unsubscribed', 'complained', 'bounced', 'manual', 'imported'] as const;
const scopes = ['address', 'list', 'domain'] as const;

export const newSuppression = z
  .strictObject({
    address: z.string().min(1).max(1_000).openapi({ example: 'taro@example.com' }),
    scope: z.enum(scopes).optional(),
    list: z.string().min(1).max(200).optional(),
    reason: z.enum(['unsubscribed', 'complained', 'bounced', 'manual']).optional(),
    note: z.string().max(500).optional(),
    until: time.optional(),
  })
  .openapi('NewSuppression');

export const suppression = z
  .object({
    address: z.string(),
    scope: z.enum(scopes),
    list: z.string().nullable(),
    reason: z.enum(reasons),
    source: z.string(),
    note: z.string(),
    verdict: z.string().nullable(),
    evidence: z.string().nullable(),
    at: z.string(),
    until: z.string().nullable(),
  })
  .openapi('Suppression');

export const suppressionPage = pageOf(suppression);
export const suppressionsOf = z.object({ address: z.string(), data: z.array(suppression) });
export const suppressionQuery = z.strictObject({ ...pageQuery, reason: z.enum(reasons).optional() });
export const liftQuery = z.strictObject({
  because: z.string().min(1).max(500).openapi({ description: 'why it is lifted; stays on record' }),
  scope: z.enum(scopes).optional(),
  list: z.string().min(1).max(200).optional(),
});
export const liftAnswer = z.object({ address: z.string(), lifted: z.int() });
export const addedAnswer = z.object({ address: z.string(), added: z.boolean() });
