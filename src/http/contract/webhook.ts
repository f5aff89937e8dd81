import { z } from '@hono/zod-openapi';
import { eventType } from './event.ts';
import { time } from './message.ts';
import { pageQuery } from './page.ts';

const url = z.string().max(2_000).openapi({ example: 'https://app.example.jp/todoku' });
const description = z.string().max(200);
const types = z.array(z.string().max(60)).max(50).nullable().openapi({ description: 'null: all' });
const domains = z.array(z.string().max(253)).max(1_000).nullable().openapi({ description: 'null: all' });

export const webhookRequest = z
  .strictObject({
    url,
    description: description.optional(),
    types: types.optional(),
    domains: domains.optional(),
    secret: z.string().max(120).optional().openapi({ description: '`whsec_…`; left out: a new one' }),
    since: time.optional().openapi({ description: 'events from then on; left out: from now on' }),
  })
  .openapi('WebhookRequest');

export const webhookChange = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    types: types.optional(),
    domains: domains.optional(),
  })
  .openapi('WebhookChange');

export const webhook = z
  .object({
    id: z.string().openapi({ example: 'w-01jd3q9k2v-7xw4m' }),
    url: z.string(),
    description: z.string(),
    types: z.array(eventType).nullable(),
    domains: z.array(z.string()).nullable(),
    createdAt: z.string(),
    state: z.enum(['active', 'paused']),
    because: z.enum(['endpoint-failing', 'endpoint-gone', 'asked-to-wait']).nullable(),
    until: z.string().nullable(),
    said: z.string().nullable().openapi({ description: 'what the endpoint answered last while failing' }),
    position: z.string().openapi({ description: 'cursor: everything before it was delivered or is listed' }),
    waiting: z.int().openapi({ description: 'events that are being tried again' }),
    dead: z.int().openapi({ description: 'events that were given up after 3 days' }),
    secretsUntil: z
      .array(z.string().nullable())
      .openapi({ description: 'end of each valid secret, newest first' }),
  })
  .openapi('Webhook');

export const webhookWithSecret = webhook
  .extend({ secret: z.string().openapi({ description: 'shown here and not again' }) })
  .openapi('WebhookWithSecret');

export const webhookList = z.object({ data: z.array(webhook) });

export const deadPage = z.object({
  data: z.array(
    z.object({
      event: z.string(),
      attempts: z.int(),
      firstAt: z.string().nullable(),
      lastAt: z.string(),
      said: z.string(),
    }),
  ),
});

export const deadQuery = z.strictObject({ limit: pageQuery.limit });

export const rotateRequest = z.strictObject({
  secret: z.string().max(120).optional(),
  overlapSeconds: z
    .int()
    .min(0)
    .max(2_592_000)
    .optional()
    .openapi({ description: 'how long the old secret signs as well; left out: a day' }),
});

export const replayRequest = z.strictObject({
  since: time.optional().openapi({ description: 'everything from then on; left out: what was given up' }),
});
export const replayAnswer = z.object({ revived: z.int(), position: z.string() });

export const testAnswer = z.object({
  ok: z.boolean(),
  status: z.int().nullable(),
  said: z.string(),
});
