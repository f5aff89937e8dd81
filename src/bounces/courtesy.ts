// What a report says to everybody: it names no cause, and its words ("I'm sorry", "the mail system", the subject of the mail
// that came back) must not be taken for one. Wordings of Postfix (bounce(5)), qmail-send, Exim and Sendmail.
const courtesies: readonly RegExp[] = [
  /^This is (?:the mail system at host|an automatically generated)/i,
  /^I'm sorry to have to inform you that your message could not\s+be delivered to one or more recipients/i,
  /^For further assistance, please send mail to/i,
  /^If you do so, please include this problem report/i,
  /^The mail system$/i,
  /^Hi\. This is the .{1,60} program at/i,
  /^This message was created automatically by mail delivery software/i,
  /^-{2,} ?(?:Below this line|Delivery report unavailable|This is a copy of|Original message|Enclosed is)/i,
];

// Fields of the returned mail or its report that some software quotes inside its words.
const quotedField =
  /^[>\s]{0,4}(?:received|message-id|subject|return-path|reply-to|mime-version|content-[a-z-]{2,30}|x-(?:mailer|spam|virus|priority|ml|sequence)[a-z-]{0,30}|list-[a-z-]{2,30}|dkim-signature|authentication-results):\s.{0,998}$/gim;

/** The words of a report without its courtesies and the header fields it quotes; may be empty. */
export function withoutCourtesy(words: string): string {
  return words
    .replaceAll(quotedField, '')
    .split(/\n[ \t\r]*\n/)
    .filter((paragraph) => !courtesies.some((courtesy) => courtesy.test(paragraph.trim())))
    .join('\n\n')
    .trim();
}
