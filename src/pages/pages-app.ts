import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Bilingual, Clock, Language } from '../base/index.ts';
import type { DiagnosisResult, Faults } from '../deliverability/index.ts';
import { diagnosisPage } from './diagnosis-page.ts';
import { astrayPage, faultPage } from './fault-pages.ts';
import { html } from './html.ts';
import { closedPage, notArrivedPage, selfLink } from './not-arrived-page.ts';
import { pageLanguage } from './page-language.ts';
import { pageResponse, privateFields } from './page.ts';
import type { Page } from './page.ts';
import { recipientWords } from './ports.ts';
import type { NotArrivedDesk, UnsubscribeDesk } from './ports.ts';
import { unsubscribePage } from './unsubscribe-page.ts';
import { createVisitLimit } from './visit-limit.ts';
import type { VisitLimit } from './visit-limit.ts';

export type PagesEnvironment = { Bindings: Partial<HttpBindings> };

export type PagesParts = {
  readonly faults: Faults;
  readonly notArrived: NotArrivedDesk;
  readonly unsubscribes: UnsubscribeDesk;
  /** What was found in the mail to that diagnosis address; null: nothing yet. */
  readonly diagnoses: (id: string) => DiagnosisResult | null;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called with what no page expected; the visitor is told to try again. */
  readonly trouble: (error: unknown, request: { readonly method: string; readonly path: string }) => void;
};

// A form of ours has 30 octets; the multipart one of RFC 8058 §3.2 under 500.
const longestFormBytes = 4_096;
// A person opens a page every few seconds; whole offices share one address.
const perClientAMinute = 600;
// One person, going back and forth.
const perLinkAMinute = 30;

type Visit = Context<PagesEnvironment>;

/** The pages that anybody may open, without login and without JavaScript: `/help`, `/n/TOKEN`, `/u/TOKEN`, `/c/ID`. */
export function createPagesApp(parts: PagesParts): Hono<PagesEnvironment> {
  const app = new Hono<PagesEnvironment>();
  const limit = createVisitLimit(parts.clock);
  const guarded =
    (show: (visit: Visit) => Response | Promise<Response>) =>
    async (visit: Visit): Promise<Response> => {
      const seconds = waitOf(limit, visit);
      if (seconds > 0) return respond(visit, busyPage(seconds, languageOf(visit), 429));
      try {
        return await show(visit);
      } catch (error) {
        parts.trouble(error, { method: visit.req.method, path: withoutToken(visit.req.path) });
        return respond(visit, busyPage(retrySeconds, languageOf(visit), 503));
      }
    };
  const form = bodyLimit({
    maxSize: longestFormBytes,
    onError: (visit) => respond(visit, astrayPage(languageOf(visit))),
  });
  app.get(
    '/help',
    guarded((visit) => showFault(parts, visit)),
  );
  app.get(
    '/help/*',
    guarded((visit) => showFault(parts, visit)),
  );
  app.get(
    '/n/:token',
    guarded((visit) => showMail(parts, visit)),
  );
  app.post(
    '/n/:token',
    form,
    guarded(async (visit) => await takeWord(parts, visit)),
  );
  app.post(
    '/n/:token/test',
    form,
    guarded(async (visit) => await takeTest(parts, visit)),
  );
  app.get(
    '/u/:token',
    guarded((visit) => showUnsubscribe(parts, visit)),
  );
  app.post(
    '/u/:token',
    form,
    guarded(async (visit) => await takeUnsubscribe(parts, visit)),
  );
  app.get(
    '/c/:token',
    guarded((visit) => showDiagnosis(parts, visit)),
  );
  return app;
}

function waitOf(limit: VisitLimit, visit: Visit): number {
  // Undefined where no socket is behind the request, as in tests.
  const client = visit.env?.incoming?.socket.remoteAddress ?? '';
  const token = visit.req.param('token');
  const ofClient = limit.wait(`client ${client}`, perClientAMinute);
  // Malformed tokens of any length are one visitor.
  const ofLink = token === undefined ? 0 : limit.wait(`link ${token.slice(0, longestToken)}`, perLinkAMinute);
  return Math.max(ofClient, ofLink);
}

// `n` and 11 digits of base 36, or `s` and 40; then the seal of 16.
const longestToken = 60;
// A full disk or a busy store: whoever looks after it needs longer, a reader does not wait so long.
const retrySeconds = 60;

function showFault({ faults }: PagesParts, visit: Visit): Response {
  const answers = visit.req.path
    .split('/')
    .slice(2)
    .filter((part) => part !== '')
    .map(decoded);
  const place = visit.req.query('place') ?? null;
  return respond(visit, faultPage(faults, { answers, place, language: languageOf(visit) }));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // No answer has such a name: it leads astray, as it should.
    return part;
  }
}

function showMail({ notArrived }: PagesParts, visit: Visit): Response {
  const token = tokenOf(visit);
  const language = languageOf(visit);
  const mail = notArrived.open(token);
  return respond(
    visit,
    mail.kind === 'mail' ? notArrivedPage(mail, { token, language }) : closedPage(mail.kind, language),
  );
}

async function takeWord({ notArrived }: PagesParts, visit: Visit): Promise<Response> {
  const token = tokenOf(visit);
  const mail = notArrived.open(token);
  if (mail.kind !== 'mail') return respond(visit, closedPage(mail.kind, languageOf(visit)));
  const given = await field(visit, 'answer');
  const word = recipientWords.find((each) => each === given);
  if (word === undefined) return respond(visit, astrayPage(languageOf(visit)));
  notArrived.say(token, word);
  return backTo(visit, token);
}

async function takeTest({ notArrived }: PagesParts, visit: Visit): Promise<Response> {
  const token = tokenOf(visit);
  const mail = notArrived.open(token);
  if (mail.kind !== 'mail') return respond(visit, closedPage(mail.kind, languageOf(visit)));
  if (mail.test.refusal === null) await notArrived.sendTest(token);
  return backTo(visit, token);
}

/** RFC 9110 §15.4.4: to be read with GET, so that reloading asks for nothing again. */
function backTo(visit: Visit, token: string): Response {
  const location = selfLink(token, languageOf(visit));
  return new Response(null, { status: 303, headers: { ...privateFields, location } });
}

function showUnsubscribe({ unsubscribes }: PagesParts, visit: Visit): Response {
  const token = tokenOf(visit);
  const language = languageOf(visit);
  const mail = unsubscribes.open(token);
  return respond(
    visit,
    mail.kind === 'mail' ? unsubscribePage(mail, token, language) : closedPage(mail.kind, language),
  );
}

function showDiagnosis({ diagnoses }: PagesParts, visit: Visit): Response {
  const id = tokenOf(visit).toLowerCase();
  return respond(visit, diagnosisPage(diagnoses(id), id, languageOf(visit)));
}

/** RFC 8058 §3.2: no cookie, no redirect, no further question; a mail program shows nobody the page. */
async function takeUnsubscribe({ unsubscribes }: PagesParts, visit: Visit): Promise<Response> {
  const token = tokenOf(visit);
  const mail = unsubscribes.open(token);
  if (mail.kind !== 'mail') return respond(visit, closedPage(mail.kind, languageOf(visit)));
  const isOneClick = (await field(visit, 'List-Unsubscribe')) === 'One-Click';
  unsubscribes.leave(token, isOneClick ? 'one-click' : 'page');
  return respond(visit, unsubscribePage({ ...mail, left: true }, token, languageOf(visit)));
}

/** A field of a form; null: not there, or no form. */
async function field(visit: Visit, name: string): Promise<string | null> {
  try {
    const value = (await visit.req.parseBody())[name];
    return typeof value === 'string' ? value : null;
  } catch {
    // What cannot be read as a form has no fields.
    return null;
  }
}

function tokenOf(visit: Visit): string {
  return (visit.req.param('token') ?? '').slice(0, longestToken);
}

/** For the log: who can read it must not be able to open the page. */
function withoutToken(path: string): string {
  return path.replace(/^\/([nuc])\/[^/]+/, '/$1/…');
}

function languageOf(visit: Visit | Context): Language {
  return pageLanguage(visit.req.query('lang'), visit.req.header('accept-language'));
}

function respond(visit: Visit | Context, page: Page): Response {
  return pageResponse(page, languageOf(visit));
}

const busy = {
  title: { ja: '少し待ってから、もう一度開いてください', en: 'Please try again in a moment' },
  text: { ja: '今は表示できません。', en: 'It cannot be shown just now.' },
} satisfies Record<string, Bilingual>;

function busyPage(retryAfterSeconds: number, language: Language, status: 429 | 503): Page {
  return {
    status,
    title: busy.title[language],
    body: html`<p>${busy.text[language]}</p>`,
    otherLanguage: `?lang=${language === 'ja' ? 'en' : 'ja'}`,
    retryAfterSeconds,
  };
}
