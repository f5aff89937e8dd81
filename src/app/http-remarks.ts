import type { Bilingual } from '../base/index.ts';

/** A request that was answered with 500 or 507: the line that names its cause. */
export function httpTroubleText(
  text: Bilingual | null,
  error: unknown,
  request?: { readonly method: string; readonly path: string },
): Bilingual {
  const where = request === undefined ? 'HTTP' : `${request.method} ${request.path}`;
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const what = text ?? { ja: cause, en: cause };
  return { ja: `${where} に答えられませんでした: ${what.ja}`, en: `could not answer ${where}: ${what.en}` };
}
