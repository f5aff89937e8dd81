import type { PhraseGroup } from './content-signals.ts';
import type { Mail } from './mail.ts';
import type { Tell } from './telling.ts';

// rspamd's LONG_SUBJ begins at 200; lists of subjects show 30 to 50.
const longestSubject = 200;
// A mail whose words all but the links are fewer says nothing.
const fewWords = 20;

/** Subject and wording: light signs, which decide nothing by themselves. */
export function checkWords(mail: Mail, tell: Tell, phrases: readonly PhraseGroup[]): void {
  checkSubject(mail.subject, tell);
  const all = `${mail.subject}\n${mail.words}`;
  const line = /([▼▲○★◆■□●☆◎=＝━─*＊~〜-])\1{11,}|[▼▲○★◆■□●☆◎]{6,}/u.exec(all)?.[0];
  if (line !== undefined) tell('decorative-lines', { evidence: line.slice(0, 60) });
  if (/未承諾広告/.test(all)) tell('unsolicited-tag', { evidence: '未承諾広告' });
  const bare = (mail.text ?? mail.words).replaceAll(/https?:\/\/\S{1,2000}/g, '').replaceAll(/\s+/g, '');
  if (mail.html === null && /https?:\/\//.test(mail.text ?? '') && bare.length < fewWords)
    tell('link-alone', { evidence: (mail.text ?? '').trim().slice(0, 200) });
  checkPhrases(all, tell, phrases);
}

function checkSubject(subject: string, tell: Tell): void {
  const told = (entry: string): void => tell(entry, { subject: 'Subject', evidence: subject.slice(0, 300) });
  const letters = subject.replaceAll(/[^A-Za-z]/g, '');
  const capitals = letters.replaceAll(/[^A-Z]/g, '');
  // In a Japanese subject a few Latin capitals are an abbreviation.
  const isLatin = letters.length >= 8 && letters.length > subject.length / 2;
  if (isLatin && capitals.length > letters.length * 0.7) told('subject-capitals');
  if ((subject.match(/[!！]/g) ?? []).length > 1) told('subject-exclaims');
  if (Array.from(subject).length > longestSubject) told('subject-long');
  if (/https?:\/\//i.test(subject)) told('subject-link');
  if (/(?:^|\s)\p{L}(?:[ 　._*-]\p{L}){4,}(?:\s|$)/u.test(subject)) told('subject-gappy');
}

// Japanese writes `無料` as one character or with blanks between; folding makes full-width letters plain.
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function checkPhrases(text: string, tell: Tell, phrases: readonly PhraseGroup[]): void {
  const read = folded(text);
  const found = phrases.flatMap(({ group, words }) => {
    const hits = words.filter(({ pattern }) => pattern.test(read)).map(({ word }) => word);
    return hits.length === 0 ? [] : [`${group}: ${hits.join(', ')}`];
  });
  if (found.length > 0) tell('phrases', { evidence: found.join('\n'), values: { count: found.length } });
}
