import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { SourceStanding } from './ports.ts';

const reasons: { readonly [Because in SourceStanding['because']]: Bilingual } = {
  'not-started': { ja: '開始日前', en: 'not begun' },
  'first-day': { ja: '初日', en: 'first day' },
  grown: { ja: '前日が順調で1段進んだ', en: 'a step on: the day before went well' },
  'too-little-sent': { ja: '前日の送信が少なく据え置き', en: 'kept: too little was sent the day before' },
  'bad-signs': { ja: '前日に悪い兆候があり1段戻した', en: 'a step back after bad signs' },
  paused: { ja: '今日は悪い兆候があり停止', en: 'paused today: bad signs' },
  warm: { ja: '慣らし済み', en: 'warm' },
};

/** Why a source stands where it does. */
export function standingText({ because }: SourceStanding): Bilingual {
  return reasons[because];
}

/** What the warm-up of a source leaves for a provider today. */
export function warmupText(standing: SourceStanding): Bilingual {
  const { day, of, most, sentToday } = standing;
  const why = standingText(standing);
  return {
    ja: `慣らし ${of} 日中 ${day} 日目: 今日（UTC）は ${most ?? 0} 通まで、${sentToday} 通送信済み（${why.ja}）`,
    en: `warm-up day ${day} of ${of}: ${most ?? 0} messages today (UTC), ${sentToday} sent (${why.en})`,
  };
}

/** The source of that address; throws AppError when the configuration has none. */
export function sourceNamed<Source extends { readonly ip: string }>(
  sources: readonly Source[],
  ip: string,
): Source {
  const found = sources.find((source) => source.ip === ip);
  if (found !== undefined) return found;
  const names = sources.map((source) => source.ip).join(', ');
  throw new AppError({
    code: 'source-unknown',
    message: { ja: `設定の sources に ${ip} はありません`, en: `the configuration has no source ${ip}` },
    hint:
      names === ''
        ? { ja: '設定ファイルの sources に加えてください', en: 'add it to sources' }
        : { ja: `設定にあるもの: ${names}`, en: `it has ${names}` },
  });
}
