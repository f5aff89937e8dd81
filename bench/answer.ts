import type { z } from 'zod';

/** What a measured program prints: unknown until looked at. */
export function readAnswer<T>(text: string, shape: z.ZodType<T>): T {
  return shape.parse(JSON.parse(text));
}
