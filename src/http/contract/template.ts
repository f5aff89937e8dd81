import { z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from './page.ts';

// As `todoku send` takes from a file.
const longestTemplateCharacters = 1_048_576;
const source = z.string().min(1).max(longestTemplateCharacters);

const fields = {
  subject: z.string().min(1).max(2_000).openapi({ description: 'Liquid' }),
  html: source.optional().openapi({ description: 'HTML with Liquid' }),
  mjml: source.optional().openapi({ description: 'MJML with Liquid, instead of html' }),
  text: source.optional().openapi({ description: 'Liquid; else made from the HTML' }),
  defaults: z.record(z.string().max(100), z.string().max(10_000)).optional(),
  domain: z
    .string()
    .max(253)
    .optional()
    .openapi({ description: 'sending domain it belongs to; else everybody’s' }),
};

export const templateName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
  .openapi({ example: 'order-received' });

export const newTemplate = z.strictObject({ name: templateName, ...fields }).openapi('NewTemplate');
export const templateChange = z.strictObject(fields).openapi('TemplateChange');
export type TemplateFields = z.infer<typeof templateChange>;

export const template = z
  .object({
    name: z.string(),
    domain: z.string().nullable(),
    subject: z.string(),
    html: z.string().nullable(),
    mjml: z.string().nullable(),
    text: z.string().nullable(),
    defaults: z.record(z.string(), z.string()),
    variables: z.array(z.string()).openapi({ description: 'what a mail’s data is asked for' }),
    version: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi('Template');

export const templatePage = pageOf(template);
export const templateQuery = z.strictObject(pageQuery);
