// How mail clients introduce a mail that they pass on within the text; by language.
const opening =
  /^[ \t>]*(?:-{2,}\s*)?(?:Begin forwarded message|Forwarded message|Original Message|Weitergeleitete Nachricht|Anfang der weitergeleiteten|Ursprüngliche Nachricht|Message transféré|Début du message (?:réexpédié|transféré)|Mensaje reenviado|Inicio del mensaje reenviado|Messaggio inoltrato|Inizio messaggio inoltrato|Mensagem encaminhada|Doorgestuurd bericht|Пересылаемое сообщение|転送(?:された)?メッセージ|転送メール|转发(?:的)?(?:邮件|信息)|전달된 메일)[^\n]{0,40}$/im;

const forwardSubject = /^\W*(?:fwd?|wg|tr|rv|i|enc|doorst|fs|vs|vl|pd|転送|转发|轉寄|전달)\s*[:：]/iu;

// Mail clients nest quotations with "> "; the marks go, however deep.
const quoteMarks = /^(?:> ?)+/gm;

/** The mail that a person passed on within the text, as it may have been; null when nobody did. */
export function forwardedText(subject: string, words: string): string | null {
  if (!forwardSubject.test(subject)) return null;
  const match = opening.exec(words);
  if (match === null) return null;
  const rest = words
    .slice(match.index + match[0].length)
    .replaceAll(quoteMarks, '')
    .replace(/^\s+/, '');
  return /^(?:From|Von|De|Da|Van|От|差出人|发件人|보낸 ?사람)\s*[:：]/i.test(rest) ||
    /^(?:Date|Subject)\s*:/i.test(rest)
    ? rest
    : null;
}
