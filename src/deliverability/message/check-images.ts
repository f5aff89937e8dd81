import type { Mail } from './mail.ts';
import type { Tell } from './telling.ts';
import { exampleLines } from './telling.ts';

// Below this an image says what the mail says: SpamAssassin counts words under 400 octets as few, a footer alone has as many.
const fewCharacters = 80;
// Preview lines are hidden by everybody, and no longer than this.
const longestPreview = 300;
// One forgotten ornament is no matter; three of four without a word are.
const shareWithoutAlt = 0.5;

/** Images in the place of words, and what mail programs do not show or run. */
export function checkImages(mail: Mail, tell: Tell): void {
  const { view } = mail;
  if (view === null) return;
  const seen = view.images.filter(({ isPixel }) => !isPixel);
  const alts = seen.map(({ alt }) => alt ?? '').join('');
  const isShort = view.text.length < fewCharacters && (mail.text ?? '').length < fewCharacters;
  const evidence = exampleLines(
    view.images.map(({ src, alt }) => `${src.slice(0, 100)} alt=${JSON.stringify(alt ?? '')}`),
  );
  if (seen.length === 0 && view.images.length > 0 && view.text === '') tell('tracking-alone', { evidence });
  else if (seen.length > 0 && isShort && alts.length + view.text.length < fewCharacters)
    tell('images-alone', { evidence });
  const bare = seen.filter(({ alt }) => alt === null);
  if (bare.length > 0 && bare.length >= seen.length * shareWithoutAlt)
    tell('images-without-alt', {
      evidence: exampleLines(bare.map(({ src }) => src.slice(0, 100))),
      values: { count: bare.length },
    });
  if (view.active.length > 0)
    tell('html-active', { evidence: view.active.map((name) => `<${name}>`).join(' ') });
  if (view.hidden.length > longestPreview)
    tell('hidden-text', {
      evidence: `${view.hidden.slice(0, 150)}…`,
      values: { characters: view.hidden.length },
    });
}
