import { headerText, rawValue, type MimePart } from '../protocol/mime/index.ts';
import { addressesIn, isReporter, firstAddress } from './address-text.ts';
import { subjectOf, type Anatomy } from './anatomy.ts';
import { opensAsAutoReply } from './auto-reply.ts';
import { speaksOfFailure, speaksOfSuccess } from './failure-words.ts';
import { recipientsOf } from './original-mail.ts';

/** From this on a mail is taken for a returned one. */
export const leastSigns = 4;

const systemNames =
  /mail[-_ ]?delivery|post-?master|post[-_. ]?office|mail[-_. ]?(?:system|admin(?:istrator)?|server|daemon|router|relay|gateway|security|transport|transfer)|delivery[-_ ]?(?:sub)?system|system[-_ ]?administrator|mdaemon|bounce notif|メール(?:配送|配信)?システム/i;

// A name that nothing but reports has ever borne.
const daemon = /mailer[-_. ]?daemon|mail delivery (?:sub)?system/i;

// Subjects that no person writes.
const subjectOfSystem =
  /^\W*(?:your (?:e-?mail|mail|message) (?:could not|was not|cannot|has not|was (?:rejected|blocked))|undeliver(?:able|ed)\b|returned mail|mail (?:delivery )?(?:failed|failure|error|system error)|delivery (?:status notification|failure|has failed|notification|report|failed|delayed|error)|failure notice|failed mail|(?:mail|message) (?:delivery|could not|not delivered|undeliverable|status|returned)|nondeliverable|non-?delivery|non (?:remis|recapit|consegn|delivr|délivr|distribu)|(?:mensaje|correo|mensagem|e-?mail|messaggio|message|courrier|nachricht|mail|bericht) (?:no entregad|devuelt|no se pudo|não entreg|nao entreg|devolvid|non (?:consegn|recapit|remis|distribu|délivr)|nicht (?:zugestellt|zustellbar)|niet (?:afgeleverd|bezorgd)|konnte nicht|kon niet)|(?:avviso di )?mancat[ao] (?:consegna|recapito)|zustell(?:ung|ungs|ungsfehler|fehler)\b|kan (?:inte|ikke) lever|ei voi toimittaa|unzustellbar|warning: (?:message|could not|e?mail)|delayed mail|delayed:|(?:auto(?:matic)?: )?bounced?|rejected mail|returned to sender|mail system error|could not deliver|unable to (?:deliver|send)|error (?:sending|delivering)|(?:mail|message|e-?mail) (?:rejected|blocked|refused|undelivered|bounced)|loop alert|notification d['’]état|échec de la remise|no se puede entregar|error de entrega|onbestelbaar|nelze doručit|niedostarcz|недоставлен|退信|系统退信|無法傳遞|未送達|エラー|配信(?:不能|エラー))/iu;

// A name and an address; what is longer was made to be.
const longestFromChars = 500;

/** Weighs the signs that mail software wrote this, to say that a mail was not delivered. */
export function weighSigns(anatomy: Anatomy): number {
  const { mail, words } = anatomy;
  const subject = subjectOf(anatomy);
  const head = words.slice(0, 4_000).trim();
  const failing = speaksOfFailure(head);
  const opens = softwareWords.test(head);
  return (
    senderSigns(anatomy) +
    (isSystem(mail) && serversAnswer.test(head) ? 2 : 0) +
    (transcript.test(head) ? 1 : 0) +
    (rawValue(mail.fields, 'x-failed-recipients') === null ? 0 : 4) +
    (mail.mediaType === 'multipart/report' ? 2 : 0) +
    (anatomy.statusTexts.length > 0 ? 2 : 0) +
    (subjectOfSystem.test(subject) ? 3 : speaksOfFailure(subject) ? 2 : 0) +
    (failing ? 1 : 0) +
    (failing && anatomy.originalFields.length > 1 ? 1 : 0) +
    (isSystem(mail) && returnsToSender(anatomy) ? 2 : 0) -
    // Good news, in words alone.
    (!failing && anatomy.statusTexts.length === 0 && speaksOfSuccess(`${subject}\n${head}`) ? 2 : 0) +
    (opens ? 3 : 0) -
    (!opens && asking.test(head) ? 2 : 0) -
    personSigns(anatomy, subject)
  );
}

// What servers answer is the same in every language: RFC 5321 §4.2 codes beside RFC 3463 ones, or one that somebody "said".
const serversAnswer =
  /(?<![\d.-])[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}(?![\d.])|#[45]\.\d{1,3}\.\d{1,3}(?![\d.])|\([45]\.\d{1,3}\.\d{1,3}\)|(?:said|says|replied|returned|response|reason|error|smtp|<<<)[\s:;'"-]{1,12}[45]\d\d(?!\d)/i;

// A dialog as a server logs it: a command at the beginning of a line and a refusal at the beginning of another.
const transcript =
  /^[ \t]*(?:[<>-]{1,4} ?)?RCPT TO:[^\n]{0,300}\n(?:[^\n]{0,300}\n){0,3}[ \t]*(?:[<>-]{1,4} ?)?[45]\d\d[ -]/im;

// Openings by which mail software introduces itself; a person who quotes them has other words before.
const softwareWords =
  /^(?:>>> )?(?:Hi\. This is the|This is the (?:mail system|qmail|Postfix|DragonFly|mail delivery|[\w -]{1,30} (?:program|agent|server|mail))|This message was created automatically by|This is an automatically generated (?:delivery|message)|This is a (?:delivery|permanent|system)|This report relates to a message you sent|I'm sorry to have to inform you|We (?:regret|are sorry) to inform you that (?:the|your) (?:e-?mail|mail|message)|Your (?:e-?)?(?:message|mail) (?:to|could|was|did|cannot|has)|The original message was received at|A message (?:that )?you sent|The following (?:message|recipient|address|mail|e-?mail)|Delivery (?:has failed|to the following|of)|Unable to deliver|Message (?:could not|from)|Sorry|[-*=][-*= ]{1,60}[^\n]{0,60}(?:delivery|undeliver|transcript|address))/i;

/** Did whoever gets this mail send the one that came with it? */
function returnsToSender({ mail, originalFields }: Anatomy): boolean {
  const to = new Set(
    addressesIn(rawValue(mail.fields, 'to') ?? '').map(({ address }) => address.toLowerCase()),
  );
  return originalFields.some(
    ({ name, value }) =>
      (name === 'from' || name === 'sender' || name === 'return-path') &&
      addressesIn(value).some(({ address }) => to.has(address.toLowerCase())),
  );
}

function writer(mail: MimePart): string {
  return (headerText(mail, 'from') ?? '').slice(0, longestFromChars);
}

/** Does the mail bear a name that mail software bears? */
export function isSystem(mail: MimePart): boolean {
  const from = writer(mail);
  const address = firstAddress(from);
  return (
    systemNames.test(from) ||
    daemon.test(from) ||
    // A list server tells the list's owner of loops and refusals in the list's own name.
    rawValue(mail.fields, 'x-mlserver') !== null ||
    (address !== null && isReporter(address)) ||
    /^\s*(?:<>|"?"?\s*<>)?\s*$/.test(from)
  );
}

function senderSigns({ mail }: Anatomy): number {
  const path = rawValue(mail.fields, 'return-path') ?? rawValue(mail.fields, 'x-envelope-from');
  // RFC 3464 §2 and RFC 5321 §4.5.5: a report has the null return path.
  const empty = path !== null && /^\s*(?:<\s*>)?\s*$/.test(path);
  const reporting = empty || (path !== null && /mailer-?daemon|postmaster|double-bounce/i.test(path));
  const machine = /auto-/i.test(rawValue(mail.fields, 'auto-submitted') ?? '');
  const named = daemon.test(writer(mail)) ? 4 : isSystem(mail) ? 2 : 0;
  const known = (reporting ? 2 : 0) + named + (machine ? 1 : 0);
  // Whoever has a return path of their own, and a name that is no system's, is somebody who writes about failures.
  return path !== null && !reporting && named === 0 ? known - 2 : known;
}

// Somebody who tells of failures, and asks what to do.
const asking =
  /\b(?:when|why|how|what) (?:(?:do|does|can|could|should|shall|did) )?I\b|can you (?:please )?(?:help|tell)|please help\b|(?:could|would) you\b|\ball my (?:e-?)?mails?\b|\bI(?: have|['’]ve)? (?:get|got|received?|sen[dt]|tried)\b/i;

// Moderation, and filters that ask the sender to prove that they are a person: nothing failed yet.
const waiting =
  /\b(?:is|are|being|been) held (?:until|because|for|pending)|await(?:s|ing)? (?:moderator )?approval|to (?:release|confirm) your (?:message|e-?mail|mail)|confirm that you\b/i;

/** Some gateways answer with `Re:` as people do; what has the null return path (RFC 5321 §4.5.5) no person sent. */
function answerSigns({ mail, words }: Anatomy, subject: string): number {
  if (!/^(?:re|aw|sv|antw|fwd?|wg|tr|rv)\s*:/i.test(subject)) return 0;
  const path = rawValue(mail.fields, 'return-path');
  const machine = path !== null && /^\s*<\s*>\s*$/.test(path) && isSystem(mail);
  return machine && speaksOfFailure(words.slice(0, 2_000)) ? 1 : 4;
}

/** Signs of a person, or of mail to many. */
function personSigns(anatomy: Anatomy, subject: string): number {
  const { mail, words, originalFields, statusTexts } = anatomy;
  const has = (name: string): boolean => rawValue(mail.fields, name) !== null;
  const from = firstAddress(writer(mail))?.toLowerCase() ?? '';
  return (
    // Whoever answers from the mailbox that was written to has it.
    (!isSystem(mail) && recipientsOf(originalFields).some((to) => to.toLowerCase() === from) ? 2 : 0) +
    (statusTexts.length === 0 && waiting.test(words.slice(0, 2_000)) ? 4 : 0) +
    (has('list-unsubscribe') || has('list-post') ? 4 : 0) +
    answerSigns(anatomy, subject) +
    // "Automatic reply: …": whatever it says of failures, a mailbox took the mail.
    (opensAsAutoReply(subject) ? 4 : 0) +
    // Quoted by an answer: `> …` before anything of the report.
    (/^>/m.test(words.slice(0, 2_000)) &&
    /^(?:On .{5,100} wrote:|Am .{5,100} schrieb|.{5,100} wrote:)$/m.test(words.slice(0, 2_000))
      ? 4
      : 0)
  );
}
