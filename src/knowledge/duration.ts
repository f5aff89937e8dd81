import { z } from 'zod';

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time with its unit, `30m`, as milliseconds; at most `mostMs`, which people read as `most`. */
export function durationUpTo(mostMs: number, most: string): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,6}[smhd]$/, 'a time with its unit, such as 30m')
    .transform((text) => Number(text.slice(0, -1)) * (unitMs[text.slice(-1)] ?? 0))
    .refine((ms) => ms > 0 && ms <= mostMs, `more than nothing and at most ${most}`);
}
