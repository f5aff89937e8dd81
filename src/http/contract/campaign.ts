import { z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from './page.ts';

// What does not fit into one body is uploaded as CSV.
const mostRecipientsInJson = 50_000;
const mailbox = z.string().max(1_000);
const source = z.string().min(1).max(1_048_576);
const value = z.union([z.string().max(65_536), z.number(), z.boolean(), z.null()]);

export const newCampaign = z
  .strictObject({
    from: mailbox.openapi({ example: '届く <news@example.jp>' }),
    replyTo: mailbox.optional(),
    subject: z.string().min(1).max(2_000).optional().openapi({ description: 'Liquid; else the template’s' }),
    html: source.optional().openapi({ description: 'HTML with Liquid' }),
    text: source.optional(),
    template: z.string().max(64).optional().openapi({ description: 'a stored template, as it is now' }),
    defaults: z.record(z.string().max(100), z.string().max(10_000)).optional(),
    list: z.string().min(1).max(200).optional().openapi({ description: 'whose suppressions count' }),
    window: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/)
      .optional()
      .openapi({ example: '09:00-20:00' }),
    timezone: z.string().max(64).optional().openapi({ example: 'Asia/Tokyo' }),
    requireTls: z.boolean().optional(),
    recipients: z
      .array(z.record(z.string().max(100), value))
      .min(1)
      .max(mostRecipientsInJson)
      .optional()
      .openapi({
        description: '`email` and the template’s variables',
        example: [{ email: 'taro@example.com', name: '太郎' }],
      }),
    start: z.boolean().optional().openapi({ description: 'send at once; else it waits for start' }),
  })
  .openapi('NewCampaign');

export type NewCampaign = z.infer<typeof newCampaign>;

const progress = z.object({
  accepted: z.int(),
  delivered: z.int(),
  bounced: z.int(),
  suppressed: z.int(),
  expired: z.int(),
  cancelled: z.int(),
  waiting: z.int(),
});

export const campaign = z
  .object({
    id: z.string().openapi({ example: 'c-01jd3q9k2v-7xw4m' }),
    state: z.enum(['draft', 'paused', 'running', 'finished', 'cancelled']),
    from: z.string(),
    subject: z.string(),
    domain: z.string(),
    list: z.string().nullable(),
    window: z.string().nullable(),
    timezone: z.string().nullable(),
    createdAt: z.string(),
    progress: progress.nullable().openapi({ description: 'null in lists and of drafts' }),
  })
  .openapi('Campaign');

export const campaignPage = pageOf(campaign);
export const campaignQuery = z.strictObject(pageQuery);
export const recipientsQuery = z.strictObject({ start: z.enum(['true', 'false']).optional() });
export const recipientsAnswer = z
  .object({
    id: z.string(),
    state: z.enum(['paused', 'running']),
    accepted: z.int(),
    suppressed: z.int(),
    rejected: z.int(),
    duplicates: z.int(),
    rejectedRows: z.array(z.object({ line: z.int(), code: z.string(), reason: z.string() })),
  })
  .openapi('RecipientsTaken');
