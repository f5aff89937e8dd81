import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { Disposition } from '../inbound/index.ts';
import { openDiagnosis } from './diagnosis.ts';
import { openDoors } from './inbound-doors.ts';
import type { Doors } from './inbound-doors.ts';
import type { RunParts } from './delivery-run.ts';
import { keptFullText, noIntakeText, skippedText, takingTroubleText } from './remarks.ts';
import { createReturnedMail } from './returned-mail.ts';

// A stranger who is turned away a thousand times a second is not worth a line each.
const troubleEveryMs = 10_000;
// It lasts until somebody clears up, who looks at a log in his own time.
const fullEveryMs = 60 * 60_000;

export type IntakeWatch = {
  readonly remark: (text: Bilingual) => void;
  readonly count: (what: Disposition | 'refused') => void;
};

/** The ways by which returned mail comes in, as the configuration has them. */
export async function openIntake(parts: RunParts, { remark, count }: IntakeWatch): Promise<Doors> {
  const { config, store, knowledge, clock } = parts;
  const { listen, maildirs, imap } = config.inbound;
  if (listen === null && maildirs.length === 0 && imap.length === 0) remark(noIntakeText);
  const troubleNow = nowAndThen(parts, troubleEveryMs);
  const fullNow = nowAndThen(parts, fullEveryMs);
  const onFull = (folder: string): void => fullNow(() => remark(keptFullText(folder)));
  return await openDoors({
    config,
    dataFolder: store.folder,
    intake: createReturnedMail({ config, store, knowledge, clock, onFull }),
    clock,
    diagnosis: openDiagnosis({ config, knowledge, clock }, store.folder),
    onTaken: count,
    onRefused: () => count('refused'),
    onTrouble: (error) =>
      troubleNow(() => remark(takingTroubleText(error instanceof AppError ? error.text : null, error))),
    onSkipped: (mail, why) => remark(skippedText(mail, why)),
  });
}

/** Says something at most once in `everyMs`. */
function nowAndThen({ clock }: Pick<RunParts, 'clock'>, everyMs: number): (say: () => void) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (say) => {
    const nowMs = clock.monotonic();
    if (nowMs - lastMs < everyMs) return;
    lastMs = nowMs;
    say();
  };
}
