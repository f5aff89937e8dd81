import { z } from '@hono/zod-openapi';

export const newDomain = z
  .strictObject({
    name: z.string().min(1).max(253).openapi({ example: 'example.jp' }),
    returnPath: z.string().max(253).optional().openapi({
      description: 'where bounces come back to; else `bounce.` and the name',
      example: 'bounce.example.jp',
    }),
  })
  .openapi('NewDomain');

export const domain = z
  .object({
    name: z.string(),
    returnPath: z.string(),
    origin: z.enum(['configuration', 'api']),
    verified: z.boolean(),
    verifiedAt: z.string().nullable(),
    checkedAt: z.string().nullable(),
    records: z.array(
      z.object({
        purpose: z.enum(['dkim', 'spf', 'dmarc', 'return-path']),
        type: z.enum(['TXT', 'MX']),
        name: z.string(),
        value: z.string(),
        state: z.enum(['found', 'missing', 'different', 'unknown', 'unchecked']),
        found: z.array(z.string()),
      }),
    ),
  })
  .openapi('Domain');

export const domainList = z.object({ data: z.array(domain), next: z.null() });
