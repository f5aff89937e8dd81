import type { LegalItem } from './content-signals.ts';
import type { Mail } from './mail.ts';
import type { Tell } from './telling.ts';

/**
 * What the Japanese law on advertising mail (特定電子メール法) wants to be shown, in bulk mail in Japanese. Words can only
 * suggest that it is there; whether the law holds for this mail, and for a page it links to, nobody can see from outside.
 */
export function checkLaw(mail: Mail, tell: Tell, items: readonly LegalItem[]): void {
  const text = `${mail.words}\n${mail.text ?? ''}`.normalize('NFKC');
  if (!mail.isBulk || !/[\u3041-\u30ff]/.test(text)) return;
  const links = (mail.view?.links ?? []).map((link) => `${link.text} ${link.href}`).join('\n');
  const everything = `${text}\n${links}`;
  // Such things stand at the end of a mail.
  const evidence = `…${mail.words.slice(-lookedAtEndChars)}`;
  for (const { id, patterns } of items)
    if (!patterns.some((pattern) => pattern.test(everything))) tell(id, { evidence });
}

const lookedAtEndChars = 200;
