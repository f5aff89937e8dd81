import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { startNotices } from '../notices/index.ts';
import type { DueNotice, Notices } from '../notices/index.ts';
import { sendingHours } from './sending-hours.ts';
import { noticeTroubleText } from './remarks.ts';
import type { ServeParts } from './serve-parts.ts';
import { answerWhy } from './why-answer.ts';

// It is read or not within days; what it is about is old by then.
const lifetimeMs = 2 * 24 * 60 * 60_000;
// A full disk is told of once in a while, not every five seconds.
const troubleEveryMs = 60_000;

/** Tells submitters, in the words of `todoku why`, what became of their mail. */
export function startSubmitterNotices(parts: ServeParts): Notices {
  const { store, outbox, clock, random, config, mails, remark } = parts;
  let troubleMs = Number.NEGATIVE_INFINITY;
  return startNotices({
    store: store.notices,
    outbox,
    clock,
    random,
    hostname: config.delivery.hostname,
    delayMs: config.inbound.submission.delayNoticeMs,
    lifetimeMs,
    readBody: (place) => mails.body(place),
    explain: (notice) => explanationOf(parts, notice),
    onTrouble(error) {
      if (clock.monotonic() - troubleMs < troubleEveryMs) return;
      troubleMs = clock.monotonic();
      remark(noticeTroubleText(error instanceof AppError ? error.text : null, error));
    },
  });
}

function explanationOf({ config, store, knowledge, clock }: ServeParts, notice: DueNotice): Bilingual {
  const hours = sendingHours(config, knowledge);
  const [answer] = answerWhy(store, knowledge, { question: notice.id, nowMs: clock.now(), hours });
  if (answer === undefined) return { ja: '', en: '' };
  const { advice } = answer;
  const wordsOf = (language: 'ja' | 'en'): string => {
    const { title, meaning, steps } = advice[language];
    return [title, meaning, ...(steps[0]?.steps ?? []).map((step) => `- ${step}`)].join('\n');
  };
  return { ja: wordsOf('ja'), en: wordsOf('en') };
}
