import { normaliseAddress } from '../../contacts/index.ts';
import { captivePolicy, safeHtml } from '../../inbox/index.ts';
import type { CapturedMail, Inbox } from '../../inbox/index.ts';
import type { MailRecord } from '../../outbox/index.ts';
import type { RouteGroup } from '../app.ts';
import { capturedDetail, inboxPage, inboxQuery, removedAnswer } from '../contract/inbox.ts';
import { dispositionHeader, servedType } from '../download-headers.ts';
import { answer } from '../endpoint.ts';
import type { Api, Call } from '../endpoint.ts';
import { parameterProblem, problem } from '../problem.ts';
import type { Problem } from '../problem.ts';

const group = 'inbox';

/** Mail of test mode, captured instead of sent. */
export function inboxRoutes(inbox: Inbox): RouteGroup {
  return (api) => {
    listing(api, inbox);
    views(api, inbox);
    api.endpoint(
      {
        method: 'delete',
        path: '/v1/inbox/{id}',
        scope: 'messages:send',
        group,
        summary: {
          ja: 'メール（m-…）か 1 宛先分を受信箱から消す',
          en: 'take a mail or a message out of the inbox',
        },
        answers: { 200: removedAnswer },
      },
      (call) => {
        const id = call.param('id');
        const removed = inbox.remove(id, call.key.domains);
        return removed === 0 ? problem('not-found') : answer(200, { id, removed });
      },
    );
  };
}

function listing(api: Api, inbox: Inbox): void {
  api.endpoint(
    {
      method: 'get',
      path: '/v1/inbox',
      scope: 'messages:read',
      group,
      summary: { ja: 'テストモードで取り置いたメールの一覧', en: 'mail captured in test mode, newest first' },
      query: inboxQuery,
      answers: { 200: inboxPage },
    },
    ({ key, query }) => {
      const address = query.to === undefined ? null : normaliseAddress(query.to);
      if (address?.ok === false) return parameterProblem('to', address.reason);
      const page = inbox.list(
        { domains: key.domains, address: address?.text ?? null },
        { limit: query.limit, cursor: query.cursor ?? null },
      );
      return answer(200, { data: page.messages.map(recordJson), next: page.next });
    },
  );
  api.endpoint(
    {
      method: 'get',
      path: '/v1/inbox/{id}',
      scope: 'messages:read',
      group,
      summary: { ja: '取り置いたメールの中身', en: 'a captured message in its parts' },
      answers: { 200: capturedDetail },
    },
    (call) => {
      const found = read(inbox, call);
      return 'kind' in found ? found : answer(200, detailJson(found));
    },
  );
}

/** As a mail program shows it: HTML without anything from outside, text, source, files. */
function views(api: Api, inbox: Inbox): void {
  const view = (
    name: 'html' | 'text',
    summary: { readonly ja: string; readonly en: string },
    textOf: (mail: CapturedMail) => string | null,
  ): void =>
    api.endpoint(
      {
        method: 'get',
        path: `/v1/inbox/{id}/${name}`,
        scope: 'messages:read',
        group,
        summary,
        answers: { 200: null },
      },
      (call) => {
        const found = read(inbox, call);
        if ('kind' in found) return found;
        const text = textOf(found.mail);
        if (text === null) return problem('not-found');
        return shown(text, name === 'html' ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8');
      },
    );
  view(
    'html',
    { ja: 'HTML の見た目（外部は読み込まない）', en: 'its HTML, which loads nothing from outside' },
    safeHtml,
  );
  view('text', { ja: 'テキスト本文', en: 'its text' }, ({ text }) => text);
  api.endpoint(
    {
      method: 'get',
      path: '/v1/inbox/{id}/source',
      scope: 'messages:read',
      group,
      summary: { ja: 'ソース（送るはずだったそのまま）', en: 'its source, as it would have left' },
      answers: { 200: null },
    },
    (call) => {
      const [message] = inbox.find(call.param('id'), call.key.domains);
      const source = message === undefined ? null : inbox.source(message);
      return source === null ? problem('not-found') : shown(source, 'text/plain; charset=utf-8');
    },
  );
  api.endpoint(
    {
      method: 'get',
      path: '/v1/inbox/{id}/attachments/{number}',
      scope: 'messages:read',
      group,
      summary: { ja: '添付ファイル', en: 'one of its files' },
      answers: { 200: null },
    },
    (call) => {
      const found = read(inbox, call);
      if ('kind' in found) return found;
      const number = call.param('number');
      const file = /^[1-9]\d{0,3}$/.test(number) ? found.mail.files[Number(number) - 1] : undefined;
      if (file === undefined) return problem('not-found');
      return shown(file.content, servedType(file.contentType), dispositionHeader(file.filename));
    },
  );
}

function shown(body: string | Buffer, contentType: string, disposition = 'inline'): Response {
  return new Response(typeof body === 'string' ? body : new Uint8Array(body), {
    headers: {
      'content-type': contentType,
      'content-disposition': disposition,
      'content-security-policy': captivePolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  });
}

type Found = { readonly message: MailRecord; readonly mail: CapturedMail };

/** The message, or the first of a mail: all of them that got the same body show the same. */
function read(inbox: Inbox, call: Pick<Call<unknown, unknown>, 'key' | 'param'>): Found | Problem {
  const [message] = inbox.find(call.param('id'), call.key.domains);
  const mail = message === undefined ? null : inbox.read(message);
  return message === undefined || mail === null ? problem('not-found') : { message, mail };
}

function recordJson({
  id,
  mail,
  author,
  address,
  subject,
  domain,
  tags,
  metadata,
  createdMs,
}: MailRecord): object {
  const createdAt = new Date(createdMs).toISOString();
  return { id, mail, from: author, to: address, subject, domain, tags, metadata, createdAt };
}

function detailJson({ message, mail }: Found): object {
  const attachments = mail.files.map(({ filename, contentType, contentId, inline, content }, index) => ({
    number: index + 1,
    filename,
    contentType,
    octets: content.length,
    contentId,
    inline,
  }));
  const { headers, html, text } = mail;
  return { ...recordJson(message), headers, html, text, attachments };
}
