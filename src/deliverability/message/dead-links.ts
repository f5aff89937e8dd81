import { linksOf, urlOf } from './check-links.ts';
import { valuesOf } from './mail.ts';
import type { Mail } from './mail.ts';
import type { Tell } from './telling.ts';
import { exampleLines } from './telling.ts';

/** What stands at a web address; the body is not read. */
export type LinkAnswer = { readonly status: number } | { readonly failed: string };

/** Asks for a page with HEAD, following redirects. */
export type AskLink = (url: string, signal: AbortSignal) => Promise<LinkAnswer>;

// Newsletters have some 30; each is one request to a server that may be small.
const mostLinks = 30;

/** Opens the links of a mail, which its sender has to ask for: a link may be made to be opened once. */
export async function checkDeadLinks(
  mail: Mail,
  tell: Tell,
  ask: (url: string) => Promise<LinkAnswer | null>,
): Promise<void> {
  const unsubscribing = valuesOf(mail, 'list-unsubscribe').join(' ');
  const urls = [...new Set(linksOf(mail).map(({ href }) => href))].filter(
    (href) => urlOf(href) !== null && !unsubscribing.includes(href),
  );
  const answers = await Promise.all(
    urls.slice(0, mostLinks).map(async (url) => ({ url, answer: await ask(url) })),
  );
  const dead = answers.flatMap(({ url, answer }) => {
    const fault = faultOf(answer);
    return fault === null ? [] : [`${url} (${fault})`];
  });
  if (dead.length > 0) tell('link-dead', { evidence: exampleLines(dead), values: { count: dead.length } });
}

/** Servers that refuse HEAD, robots or too many questions are alive: only "not there" counts. */
function faultOf(answer: LinkAnswer | null): string | null {
  if (answer === null) return 'timeout';
  if ('failed' in answer) return answer.failed;
  return answer.status === 404 || answer.status === 410 || (answer.status >= 500 && answer.status !== 501)
    ? String(answer.status)
    : null;
}
