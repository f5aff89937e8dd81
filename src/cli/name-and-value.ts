import { AppError } from '../base/index.ts';

/** `name=value` of --default; anything else is a usage error. */
export function nameAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1)];
  throw new AppError({
    code: 'usage-default',
    message: {
      ja: `--default ${text} は「名前=値」の形ではありません`,
      en: `--default ${text} is not NAME=VALUE`,
    },
  });
}
