import { rawValue } from '../protocol/mime/index.ts';
import { firstAddress, isMailSystem } from './address-text.ts';
import { subjectOf, type Anatomy } from './anatomy.ts';

// What mail clients and servers themselves put before the subject that they answer to.
const prefix =
  /^\W*(?:(?:re|aw|sv|antw)\s*:\s*)?\W*(?:auto(?:mat(?:ic|ed))?[- ]?(?:reply|response)|out of office(?: autoreply| reply)?|automatische (?:antwort|abwesenheits\S*)|abwesenheits(?:notiz|nachricht|agent|benachrichtigung|assistent)\S*|réponse automatique|respuesta automática|risposta automatica|resposta automática|automatisch antwoord|afwezig\S*|رد تلقائي|autosvar|frånvaro\S*|fravær\S*|automatiskt? svar|automaattinen vastaus|autoodpowiedź|odpowiedź automatyczna|automatyczna odpowiedź|automatická odpověď|automatikus válasz|răspuns automat|otomatik (?:yanıt|cevap)|автоответ\S*|автоматический ответ|автоматична відповідь|αυτόματη απάντηση|自動(?:返信|応答|回覆|回復)|自动(?:回复|答复|回覆)|자동 ?(?:응답|회신))\s*(?:[:：]|$)/iu;

/** Does the subject begin as automatic answers do, and nothing else? */
export function opensAsAutoReply(subject: string): boolean {
  return prefix.test(subject);
}

const subjectWords =
  /^\W*(?:(?:re|aw|sv|antw)\s*:\s*)?\W*(?:auto(?:mat(?:ic|ed|ische?|isk|ico|isches?))?[- ]?(?:reply|replied|response|responder|antwort|svar|ant?woord)|auto(?:reply|response|responder)|out[- ]of[- ](?:the[- ])?office|ooo\b|(?:on )?vacation|away from|i(?: am|'m) (?:out|away|on)|on (?:holiday|leave|vacation)|abwesen|automatische|ich bin nicht|réponse automatique|absence|absent|respuesta automática|respuesta automatica|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|resposta automática|ausência|afwezig|automatisch antwoord|autosvar|frånvaro|fravær|poissa|autoodpowiedź|automatyczna odpowiedź|nieobecno|automatická odpověď|автоответ|автоматический ответ|отсутств|自動(?:返信|応答|配信|送信)|不在|休暇|休業|自动(?:回复|答复|回覆)|自動(?:回覆|回復)|外出|자동 ?(?:응답|회신)|부재)/iu;

const bodyWords =
  /\b(?:out of (?:the |my )?office|on (?:annual |maternity |paternity |parental |sick )?(?:leave|vacation|holidays?)|automatic(?:ally)? (?:reply|response|generated reply)|auto-?repl|limited access to (?:my )?e-?mail|no longer (?:work|with|employed)|(?:i )?will (?:be )?(?:back|return|reply|respond)|when i (?:return|get back)|my return|(?:nicht|wieder) (?:im (?:büro|hause)|erreichbar)|im urlaub|(?:en|de) (?:congés?|vacances|vacaciones|férias|ferie)|(?:je suis|je serai|serai) (?:absente?|de retour)|à mon retour|fuera de (?:la )?oficina|fuori (?:ufficio|sede)|(?:estou|estarei) (?:de férias|ausente|fora)|(?:afwezig|met vakantie)|på (?:semester|ferie)|lomalla|na urlopie|na dovolené|szabadságon)|в отпуске|休假|外出|出差|休みを|休業|휴가|부재|自動(?:返信|応答)|不在(?:に|の|と)|休暇|自动回复|자동 ?응답/iu;

/** Who answered by machine; null when the mail is no automatic reply. Ask only of what is no bounce. */
export function readAutoReply(anatomy: Anatomy): { readonly from: string | null } | null {
  const fields = anatomy.mail.fields;
  const has = (name: string, pattern?: RegExp): boolean => {
    const value = rawValue(fields, name);
    return value !== null && (pattern?.test(value) ?? true);
  };
  const subject = subjectOf(anatomy);
  const from = firstAddress(rawValue(fields, 'from'));
  // Mail to many says "auto-generated" and carries list fields; a reply to one mail does not (RFC 3834 §3.1.7, §5).
  if (has('list-unsubscribe') || has('list-id')) return null;
  const declared =
    has('auto-submitted', /auto-?replied|vacation/i) ||
    has('x-autoreply', /yes|true|1|./i) ||
    has('x-autorespond') ||
    has('x-autoresponder') ||
    has('x-auto-reply') ||
    has('x-autoreply-from') ||
    has('x-mail-autoreply') ||
    has('x-ms-exchange-inbox-rules-loop') ||
    has('precedence', /auto[-_]?reply/i) ||
    has('x-precedence', /auto[-_]?reply/i) ||
    has('delivered-to', /^autoresponder/i);
  const worded = subjectWords.test(subject);
  const machine =
    has('auto-submitted', /auto-/i) || has('x-auto-response-suppress') || has('precedence', /bulk|junk/i);
  const answers = has('in-reply-to') || has('references');
  const body = bodyWords.test(anatomy.words.slice(0, 2_000));
  if (
    declared ||
    opensAsAutoReply(subject) ||
    (worded && (machine || answers || body)) ||
    (machine && answers && body)
  ) {
    return {
      from: from !== null && isMailSystem(from) ? (firstAddress(rawValue(fields, 'reply-to')) ?? from) : from,
    };
  }
  return null;
}
