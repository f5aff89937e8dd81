import { z } from '@hono/zod-openapi';
import { eventTypes, isEventType } from '../../webhooks/index.ts';
import { time } from './message.ts';
import { pageQuery } from './page.ts';

export const eventType = z.enum(Object.keys(eventTypes).filter(isEventType));

const nullableText = z.string().nullable();

const reason = z
  .object({
    host: nullableText,
    address: nullableText,
    source: nullableText,
    replyCode: z.int().nullable(),
    status: nullableText,
    cause: nullableText,
    said: nullableText,
    verdict: nullableText,
    detail: nullableText,
    hardBounce: z.boolean(),
    tls: z.object({ version: z.string(), verified: z.boolean() }).nullable(),
    feedbackType: nullableText,
  })
  .openapi('Reason');

export const event = z
  .object({
    type: eventType,
    timestamp: z.string(),
    data: z.object({
      event: z.string().openapi({ example: 'e-4f2', description: 'id of the event, and its cursor' }),
      message: z.string().openapi({ example: 'm-01jd3q9k2v-7xw4m.1' }),
      mail: nullableText,
      campaign: nullableText,
      domain: z.string(),
      recipient: z.string(),
      subject: nullableText,
      tags: z.array(z.string()),
      metadata: z.record(z.string(), z.string()),
      reason: reason.nullable(),
    }),
  })
  .openapi('Event');

export const eventPage = z.object({
  data: z.array(event),
  next: z.string().openapi({ description: 'cursor for the next request, also when nothing is there yet' }),
  more: z.boolean().openapi({ description: 'there is something behind it now' }),
});

const oneOrMore = z
  .union([z.string().max(300), z.array(z.string().max(300)).max(100)])
  .transform((given) => (typeof given === 'string' ? given.split(',') : given));

const filters = {
  type: oneOrMore.optional().openapi({ description: 'types, with commas between them' }),
  domain: oneOrMore.optional().openapi({ description: 'sender domains, with commas between them' }),
  since: time.optional().openapi({ description: 'from this time on, without a cursor' }),
};

export const eventQuery = z.strictObject({ ...pageQuery, ...filters });
export const streamQuery = z.strictObject({ cursor: pageQuery.cursor, ...filters });
