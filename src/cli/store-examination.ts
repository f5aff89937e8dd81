import { AppError } from '../base/index.ts';
import { showCheck } from './check-answer.ts';
import type { CommandContext } from './command.ts';
import { grouped } from './number-text.ts';
import { plainText } from './plain-text.ts';
import { createProgress } from './progress.ts';

// A log of a night's run stays short.
const plainEveryMs = 10_000;

/** `todoku check mailbox --store PATH…`: local mail stores, without any network. */
export async function examineStores(context: CommandContext, paths: readonly string[]): Promise<number> {
  const { output, clock } = context;
  const signal = context.interruption();
  const progress = createProgress({ stream: output.stderr, clock, plainEveryMs });
  return await context.withProduct(async (product) => {
    try {
      const answer = await product.checkStores(paths, {
        signal,
        progress: (path, done, all) => progress.update(() => [`${plainText(path)}: ${far(done, all)}`]),
      });
      progress.finish();
      return showCheck(context, answer);
    } catch (error) {
      progress.finish();
      if (!signal.aborted) throw error;
      throw interrupted();
    }
  });
}

function far(done: number, all: number | null): string {
  return all === null ? grouped(done) : `${Math.floor((done / Math.max(1, all)) * 100)} %`;
}

function interrupted(): AppError {
  return new AppError({
    code: 'check-interrupted',
    message: { ja: '調査を中断しました', en: 'the check was interrupted' },
    exitCode: 130,
  });
}
