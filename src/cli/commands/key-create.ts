import { scopes } from '../../access/index.ts';
import { AppError } from '../../base/index.ts';
import type { Command } from '../command.ts';
import { usualScopes } from '../key-text.ts';

/** `todoku key create`: a key for an application; its token is shown once. */
export const keyCreate: Command = {
  name: 'key create',
  summary: { ja: 'アプリケーション用の API キーを作る', en: 'make a key for an application' },
  arguments: [{ name: 'name', doc: { ja: '人が見分けるための名前', en: 'a name for people' } }],
  options: [
    {
      flags: '--scope <scope>',
      repeatable: true,
      choices: scopes,
      doc: {
        ja: `できること（何度でも。省略時は ${usualScopes.join(' と ')}）`,
        en: `what it may do, several times; else ${usualScopes.join(' and ')}`,
      },
    },
    {
      flags: '--domain <name>',
      repeatable: true,
      doc: {
        ja: 'このドメインだけ（何度でも。省略時はすべて）',
        en: 'only for this sending domain, several times; else for all',
      },
    },
    {
      flags: '--sandbox',
      doc: { ja: 'テスト用。送らずに捕まえる', en: 'test mode: what it sends is captured, not sent' },
    },
    {
      flags: '--per-minute <count>',
      doc: {
        ja: '1 分間のリクエスト数（省略時は http.limits.requestsPerMinute）',
        en: 'requests a minute; else http.limits.requestsPerMinute',
      },
    },
  ],
  examples: [
    {
      line: 'todoku key create shop --domain example.jp',
      doc: {
        ja: 'example.jp から送り、結果を見るためのキー',
        en: 'sends from example.jp and looks at what became of it',
      },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const wanted = input.options('scope');
      const domains = input.options('domain');
      const made = await product.makeKey({
        name: input.argument(0) ?? '',
        scopes: wanted.length === 0 ? usualScopes : scopes.filter((scope) => wanted.includes(scope)),
        domains: domains.length === 0 ? null : domains,
        sandbox: input.flag('sandbox'),
        requestsPerMinute: perMinuteOf(input.option('per-minute')),
      });
      const { key, token } = made;
      if (context.json)
        context.output.printJson({ id: key.id, token, scopes: key.scopes, domains: key.domains });
      else {
        context.output.print(token);
        context.output.note(
          context.say({
            ja: `${key.id}（${key.name}）。トークンは二度と表示されません。今、安全な場所に保存してください`,
            en: `${key.id} (${key.name}): the token is not shown again; keep it in a safe place now`,
          }),
        );
      }
      return 0;
    }),
};

const mostPerMinute = 10_000_000;

function perMinuteOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (/^\d{1,8}$/.test(text) && count >= 1 && count <= mostPerMinute) return count;
  throw new AppError({
    code: 'key-bad-rate',
    message: {
      ja: `--per-minute ${text} は 1〜${mostPerMinute} の整数ではありません`,
      en: `--per-minute ${text} is no whole number from 1 to ${mostPerMinute}`,
    },
    hint: { ja: '例: --per-minute 600', en: 'for example --per-minute 600' },
  });
}
