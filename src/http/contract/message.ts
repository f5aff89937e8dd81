import { z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from './page.ts';

// RFC 5321 §4.5.3.1.3: 254 octets, and a display name before it.
const longestMailboxCharacters = 1_000;
// As the outbox takes.
const mostRecipients = 1_000;
// A mail with more is a filing system.
const mostTags = 20;
const mostMetadata = 50;
const mostHeaders = 50;
const mostAttachments = 100;
const mostMailsInABatch = 1_000;

const mailbox = z.string().max(longestMailboxCharacters);
const mailboxes = z.union([mailbox, z.array(mailbox).max(mostRecipients)]);

const attachment = z.strictObject({
  filename: z.string().min(1).max(255),
  content: z.string().openapi({ format: 'byte', description: 'base64 (RFC 4648 §4)' }),
  contentType: z.string().max(255).optional(),
  contentId: z.string().max(255).optional(),
  inline: z.boolean().optional(),
});

/** A time with its offset: `2026-12-24T18:00:00+09:00`. */
export const time = z.iso.datetime({ offset: true });

export const messageRequest = z
  .strictObject({
    from: mailbox.openapi({ example: '届く <hello@example.jp>' }),
    to: mailboxes.openapi({ example: ['taro@example.com'] }),
    cc: mailboxes.optional(),
    bcc: mailboxes.optional(),
    replyTo: mailboxes.optional(),
    subject: z.string().max(2_000).optional(),
    html: z.string().optional(),
    text: z.string().optional(),
    template: z
      .string()
      .max(64)
      .optional()
      .openapi({ description: 'name of a stored template, instead of html and text' }),
    data: z.record(z.string(), z.unknown()).optional().openapi({ description: 'values for the template' }),
    headers: z.record(z.string(), z.string().max(10_000)).optional(),
    attachments: z.array(attachment).max(mostAttachments).optional(),
    attachmentLinks: z
      .strictObject({
        password: z.string().min(1).max(200).optional(),
        days: z.int().min(1).max(365).optional(),
        downloads: z.int().min(1).max(1_000_000).optional(),
      })
      .optional()
      .openapi({
        description:
          'download links that attachments become where they do not fit: password, days, downloads for each recipient',
      }),
    tags: z.array(z.string().min(1).max(64)).max(mostTags).optional(),
    metadata: z.record(z.string(), z.string().max(1_000)).optional(),
    scheduledAt: time.optional(),
    lifetimeSeconds: z.int().min(60).max(1_209_600).optional(),
    stream: z.enum(['transactional', 'bulk']).optional(),
    requireTls: z.boolean().optional(),
    unsubscribe: z.strictObject({ url: z.string().max(2_000), mailto: z.string().max(1_000) }).optional(),
  })
  .openapi('MessageRequest');

export type MessageRequest = z.infer<typeof messageRequest>;

/** Bounds that a schema of records cannot say. */
export const recordBounds = { headers: mostHeaders, metadata: mostMetadata } as const;

export const batchRequest = z.strictObject({
  messages: z.array(messageRequest).min(1).max(mostMailsInABatch),
});

export const acceptedMail = z
  .object({
    id: z.string().openapi({ example: 'm-01jd3q9k2v-7xw4m' }),
    messages: z.array(
      z.object({
        id: z.string().openapi({ example: 'm-01jd3q9k2v-7xw4m.1' }),
        to: z.string(),
        state: z.enum(['waiting', 'suppressed', 'captured']),
      }),
    ),
    repeated: z
      .boolean()
      .openapi({ description: 'the answer of an earlier request with this Idempotency-Key' }),
    parts: z.array(z.string()).optional().openapi({
      description: 'further mails (m-…) that carry attachments which did not fit into the first',
    }),
  })
  .openapi('AcceptedMail');

export const batchAnswer = z.object({ data: z.array(acceptedMail) });

export const messageStates = [
  'waiting',
  'delivered',
  'bounced',
  'suppressed',
  'expired',
  'cancelled',
  'captured',
] as const;

export const message = z
  .object({
    id: z.string(),
    mail: z.string(),
    state: z.enum(messageStates),
    because: z.string().nullable().openapi({ description: 'what it waits for' }),
    until: z.string().nullable(),
    from: z.string(),
    to: z.string(),
    subject: z.string(),
    domain: z.string(),
    via: z.enum(['http', 'smtp', 'sendmail']),
    sandbox: z.boolean(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.string()),
    createdAt: z.string(),
    scheduledAt: z.string().nullable(),
    expiresAt: z.string(),
  })
  .openapi('Message');

export const mailAnswer = z.object({ id: z.string(), messages: z.array(message) });
export const messagePage = pageOf(message);
export const cancelAnswer = z.object({ id: z.string(), cancelled: z.int() });

export const messageQuery = z.strictObject({
  ...pageQuery,
  to: z.string().max(longestMailboxCharacters).optional(),
  state: z.enum(messageStates).optional(),
  tag: z.string().max(64).optional(),
  sandbox: z.enum(['true', 'false']).optional(),
  since: time.optional(),
  until: time.optional(),
});

/** The same object as `todoku why --json`. */
export const whyAnswer = z
  .looseObject({
    message: z.string().nullable(),
    to: z.string(),
    state: z.string(),
    because: z.string().nullable(),
    until: z.string().nullable(),
    timeline: z.array(z.looseObject({})),
    verdict: z.string().nullable(),
    certainty: z.enum(['proved', 'likely', 'unknowable']),
    party: z.string(),
    advice: z.object({ ja: z.looseObject({}), en: z.looseObject({}) }),
    older: z.array(z.object({ message: z.string().nullable(), state: z.string() })),
  })
  .openapi('Why');
