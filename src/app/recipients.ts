import { AppError } from '../base/index.ts';
import type { Language } from '../base/index.ts';
import { createRejectedWriter, importRecipients } from '../contacts/index.ts';
import type { ImportSummary, RejectedRow } from '../contacts/index.ts';
import type { RecipientSource } from '../campaigns/index.ts';
import type { DeliveryWatch, SendRequest } from '../cli/index.ts';
import { createTimezoneCheck } from './timezone-check.ts';

// Enough to see what is wrong with a list; `--rejected FILE` has them all.
export const mostExamples = 10;

/** A CSV file as the recipients of a campaign; what was left out is shown, and written down when asked for. */
export function recipientsFrom(
  request: Pick<SendRequest, 'rejected' | 'window'> & { readonly file: string; readonly language: Language },
  watch: DeliveryWatch,
): RecipientSource<ImportSummary> {
  return async (accept) => {
    const examples: RejectedRow[] = [];
    const zones = createTimezoneCheck();
    const writer =
      request.rejected === null ? null : createRejectedWriter(request.rejected, request.language);
    try {
      const summary = await importRecipients(
        request.file,
        {
          accepted(batch) {
            zones.look(batch);
            return accept(batch);
          },
          rejected(row) {
            if (examples.length < mostExamples) examples.push(row);
            writer?.write(row);
          },
          progress: watch.importing,
        },
        { signal: watch.signal },
      );
      writer?.finish();
      watch.imported(summary, examples);
      const unknown = zones.found(summary.columns, { hasWindow: request.window !== null });
      if (unknown !== null) watch.remark(unknown);
      return summary;
    } catch (error) {
      writer?.discard();
      throw watch.signal.aborted && error === watch.signal.reason ? interrupted() : error;
    }
  };
}

/** Ctrl-C before the campaign was open. 130 is 128 + SIGINT, as a shell expects. */
function interrupted(): AppError {
  return new AppError({
    code: 'import-interrupted',
    message: {
      ja: '宛先の取り込み中に中断しました。何も受け付けず、何も送っていません',
      en: 'interrupted while the recipients were read: nothing was accepted, nothing sent',
    },
    exitCode: 130,
  });
}
