import { z } from '@hono/zod-openapi';

// A page of 100 messages is some 60 KB of JSON; 1,000 rows hold others up for 5 ms.
const mostOnAPage = 1_000;
const usualOnAPage = 100;

/** Query of every list. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(mostOnAPage)
    .default(usualOnAPage)
    .openapi({ description: 'rows a page / 1 ページの件数' }),
  cursor: z
    .string()
    .max(2_000)
    .optional()
    .openapi({ description: '`next` of the page before / 前のページの next' }),
};

/** A page: `next` null: it was the last. */
export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ data: z.ZodArray<Item>; next: z.ZodNullable<z.ZodString> }> {
  return z.object({ data: z.array(item), next: z.string().nullable() });
}
