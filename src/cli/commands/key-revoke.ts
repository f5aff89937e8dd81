import { AppError } from '../../base/index.ts';
import type { Command } from '../command.ts';

/** `todoku key revoke`: refused from its next request on; what it handed over is still sent. */
export const keyRevoke: Command = {
  name: 'key revoke',
  summary: { ja: 'API キーを無効にする', en: 'revoke a key' },
  arguments: [
    {
      name: 'id',
      doc: { ja: 'キーの id（k-…、todoku key list で確認）', en: 'its id (k-…), see todoku key list' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const id = input.argument(0) ?? '';
      if (!(await product.revokeKey(id))) throw unknownKey(id);
      if (context.json) context.output.printJson({ id, revoked: true });
      else
        context.output.print(
          context.say({
            ja: `${id} を無効にしました。受け付け済みのメールは送られます（止めるには todoku cancel）`,
            en: `${id} is revoked; mail that was accepted is still sent (todoku cancel stops it)`,
          }),
        );
      return 0;
    }),
};

function unknownKey(id: string): AppError {
  return new AppError({
    code: 'key-unknown',
    message: { ja: `有効なキー ${id} はありません`, en: `there is no key ${id} that is in force` },
    hint: { ja: '`todoku key list` で id を確かめてください', en: '`todoku key list` shows the ids' },
    exitCode: 1,
  });
}
