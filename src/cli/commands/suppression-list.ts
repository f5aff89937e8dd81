import type { Command } from '../command.ts';
import { targetText } from '../suppression-target.ts';

// One read of the store; a million rows are printed page by page.
const pageLength = 1_000;

/** `todoku suppression list`: JSON lines with --json, else address, reason, time and note. */
export const suppressionList: Command = {
  name: 'suppression list',
  summary: { ja: '送信停止のアドレスを一覧する', en: 'list the suppressed addresses' },
  run: async (context) =>
    await context.withProduct((product) => {
      const store = product.suppressions();
      for (let cursor: string | null = null, more = true; more && !context.output.closed.aborted;) {
        const page = store.list({ reason: null, cursor, limit: pageLength });
        for (const each of page.items) {
          if (context.json) context.output.printJson(each);
          else
            context.output.print(
              [targetText(each), each.reason, new Date(each.atMs).toISOString(), each.note]
                .join('\t')
                .trimEnd(),
            );
        }
        cursor = page.next;
        more = cursor !== null;
      }
      return Promise.resolve(0);
    }),
};
