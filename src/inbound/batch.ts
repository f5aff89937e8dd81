import { StorageFull } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { Answer, Arrival, Examined, Intake } from './intake.ts';

// While a commit waits for the disk nothing else runs: what arrived in the meantime is read in the turn after it, and
// written together. Waiting longer gathers no more, and holds up a sender who has one connection.
const lingerMs = 0;
// What one commit then holds up delivery for stays a few milliseconds.
const mostMails = 64;

/** Takes mails in as they come, those of one moment in one commit. */
export type IntakeBatch = {
  /** Resolves when the mail's news is durable; rejects with what the store threw, then nothing of it was taken. */
  add(arrival: Arrival): Promise<Answer>;
  /** Commits at once what waits. */
  flush(): void;
};

type Waiting = {
  readonly examined: Examined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

export function createIntakeBatch(intake: Intake, clock: Clock): IntakeBatch {
  let waiting: Waiting[] = [];
  let timer: { cancel(): void } | null = null;
  const flush = (): void => {
    timer?.cancel();
    timer = null;
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) commit(batch);
  };
  const commit = (batch: readonly Waiting[]): void => {
    try {
      const answers = intake.commit(batch.map((each) => each.examined));
      for (const [index, each] of batch.entries()) each.resolve(answers[index] ?? 'ignored');
    } catch (error) {
      // A fault in one mail must not turn its neighbours away for ever; what was written of them already is there once.
      if (batch.length > 1 && !(error instanceof StorageFull)) for (const each of batch) commit([each]);
      // Each sender is told, and comes again; the listener decides what to say.
      else for (const each of batch) each.reject(error);
    }
  };
  return {
    add(arrival) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      waiting.push({ examined: intake.examine(arrival), resolve, reject });
      if (waiting.length >= mostMails) flush();
      else timer ??= clock.after(lingerMs, flush);
      return promise;
    },
    flush,
  };
}
