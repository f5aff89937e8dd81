import { AppError } from '../base/index.ts';
import { parseMailbox } from '../protocol/message/index.ts';

/** The domain of a --from; throws AppError when it is no mailbox. */
export function domainOfFrom(from: string): string {
  const parsed = parseMailbox(from);
  if (parsed.ok) return parsed.mailbox.address.domain;
  const shown = JSON.stringify(from.slice(0, mostShownCharacters));
  throw new AppError({
    code: 'from-unusable',
    message: {
      ja: `--from ${shown} は差出人として使えません: ${parsed.text.ja}`,
      en: `--from ${shown} cannot be used: ${parsed.text.en}`,
    },
    hint: {
      ja: '「お店 <news@example.jp>」のように書いてください',
      en: 'write it as "Shop <news@example.com>"',
    },
  });
}

// Enough of a value to know it again.
const mostShownCharacters = 120;
