import type { AccessKey } from '../../access/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { domainsText } from '../key-text.ts';

/** `todoku key list`: every key that was ever made; tokens are kept nowhere. */
export const keyList: Command = {
  name: 'key list',
  summary: { ja: 'API キーを一覧する', en: 'list the keys' },
  run: async (context) =>
    await context.withProduct((product) => {
      const keys = product.keys();
      if (context.json) context.output.printJson(keys.map(plain));
      else if (keys.length === 0)
        context.output.print(
          context.say({
            ja: 'キーはありません。`todoku key create 名前` で作れます',
            en: 'there is no key: `todoku key create NAME` makes one',
          }),
        );
      else for (const key of keys) context.output.print(line(context, key));
      return Promise.resolve(0);
    }),
};

function plain({ createdMs, revokedMs, ...key }: AccessKey): unknown {
  return { ...key, createdAt: iso(createdMs), revokedAt: revokedMs === null ? null : iso(revokedMs) };
}

function line({ say }: CommandContext, key: AccessKey): string {
  const notes = [
    key.sandbox ? say({ ja: 'テスト用', en: 'test mode' }) : null,
    key.requestsPerMinute === null ? null : `${key.requestsPerMinute}/min`,
    key.revokedMs === null
      ? null
      : say({ ja: `${iso(key.revokedMs)} に失効`, en: `revoked ${iso(key.revokedMs)}` }),
  ];
  const name = key.name.replace(/\p{Cc}+/gu, ' ');
  return [key.id, name, key.scopes.join(' '), say(domainsText(key)), ...notes]
    .filter((part) => part !== null)
    .join('\t');
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
