import type { Finding } from '../../findings/index.ts';

/** Ten points less what was found; each loss names its finding, whose steps are its cure. */
export type MessageScore = {
  readonly points: number;
  readonly of: number;
  readonly lost: readonly {
    readonly id: string;
    readonly points: number;
    readonly title: { readonly ja: string; readonly en: string };
  }[];
};

const full = 10;

/** `points`: by entry, without the topic. The same finding costs once, however often it was made. */
export function scoreOf(findings: readonly Finding[], points: ReadonlyMap<string, number>): MessageScore {
  const seen = new Map<string, MessageScore['lost'][number]>();
  for (const { id, severity, advice } of findings) {
    const cost = points.get(id.slice(id.indexOf('.') + 1)) ?? 0;
    if (severity === 'ok' || cost === 0 || seen.has(id)) continue;
    seen.set(id, { id, points: cost, title: { ja: advice.ja.title, en: advice.en.title } });
  }
  const lost = [...seen.values()].toSorted((one, other) => other.points - one.points);
  const sum = lost.reduce((before, { points: cost }) => before + cost, 0);
  return { points: Math.max(0, Math.round((full - sum) * 10) / 10), of: full, lost };
}
