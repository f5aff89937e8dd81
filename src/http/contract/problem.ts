import { z } from '@hono/zod-openapi';

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string().openapi({ example: '/docs#invalid-body' }),
    title: z.string(),
    status: z.int(),
    code: z.string().openapi({ example: 'invalid-body' }),
    detail: z.string().optional(),
    cure: z.string(),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().openapi({ example: '#/to/0' }),
          parameter: z.string().optional(),
          header: z.string().optional(),
          detail: z.string(),
          cure: z.string().optional(),
        }),
      )
      .optional(),
  })
  .openapi('Problem');
