import { z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from './page.ts';

const captured = {
  id: z.string().openapi({ example: 'm-01jd3q9k2v-7xw4m.1' }),
  mail: z.string(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  domain: z.string(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  createdAt: z.string(),
};

export const capturedMessage = z.object(captured).openapi('CapturedMessage');

export const inboxPage = pageOf(capturedMessage);

export const inboxQuery = z.strictObject({ ...pageQuery, to: z.string().max(1_000).optional() });

export const capturedDetail = z
  .object({
    ...captured,
    headers: z.array(z.object({ name: z.string(), value: z.string() })),
    html: z.string().nullable(),
    text: z.string().nullable(),
    attachments: z.array(
      z.object({
        number: z.int().openapi({ description: 'for /v1/inbox/{id}/attachments/{number}' }),
        filename: z.string(),
        contentType: z.string(),
        octets: z.int(),
        contentId: z.string().nullable(),
        inline: z.boolean(),
      }),
    ),
  })
  .openapi('CapturedDetail');

export const removedAnswer = z.object({ id: z.string(), removed: z.int() });
