import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const bilingual = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });

/** What a rule can ask of a domain and of how its mail is sent. */
export const ruleNeeds = [
  'spf',
  'from-spf',
  'dkim',
  'spf-or-dkim',
  'dkim-length',
  'dmarc',
  'aligned',
  'ptr',
  'exists',
  'receives',
  'tls',
  'one-click',
  'nothing-to-see',
] as const;
export type RuleNeed = (typeof ruleNeeds)[number];

const rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** All mail, or that of bulk senders. */
  for: z.enum(['all', 'bulk']),
  needs: z.array(z.enum(ruleNeeds)).min(1),
  ...bilingual.shape,
  source: z.array(z.string().min(1)).min(1),
});

const file = z.strictObject({
  providers: z.array(
    z.strictObject({
      /** Of providers.yaml. */
      id: z.string().min(1),
      /** From when on its bulk rules hold. */
      bulk: bilingual,
      rules: z.array(rule).min(1),
    }),
  ),
});

/** The published rules of one provider, in its order. */
export type ProviderRules = z.output<typeof file>['providers'][number];

/** Reads `sender-rules.yaml` of a knowledge folder. */
export function loadSenderRules(folder: string): readonly ProviderRules[] {
  return file.parse(parse(readFileSync(join(folder, 'sender-rules.yaml'), 'utf8'))).providers;
}
