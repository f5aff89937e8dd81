import { createHash } from 'node:crypto';
import type { z } from '@hono/zod-openapi';
import { allowsDomain } from '../../access/index.ts';
import type { AccessKey } from '../../access/index.ts';
import type { MailFilter, MailRecord, MailStore, NewMail, Outbox } from '../../outbox/index.ts';
import { normaliseAddress } from '../../contacts/index.ts';
import {
  acceptedMail,
  batchAnswer,
  batchRequest,
  cancelAnswer,
  mailAnswer,
  messagePage,
  messageQuery,
  messageRequest,
  whyAnswer,
} from '../contract/message.ts';
import { answer } from '../endpoint.ts';
import type { Answer, Api, Call } from '../endpoint.ts';
import { handOver } from '../hand-over.ts';
import type { HandedOver } from '../hand-over.ts';
import { makeMails } from '../mail-request.ts';
import type { MadeMails, MailMaking } from '../mail-request.ts';
import { parameterProblem, problem } from '../problem.ts';
import type { Fault, Problem } from '../problem.ts';

export type MessageParts = MailMaking & {
  readonly outbox: Outbox;
  readonly mails: MailStore;
  /** `todoku why`: newest first; empty when nothing is known. */
  readonly why: (question: string) => readonly Why[];
};

/** What the explanation needs to have for this API; the rest is handed on. */
export type Why = { readonly message: string | null; readonly state: string };

const group = 'messages';

/** Mails of applications: hand over, look at, cancel, ask why. */
export function messageRoutes(api: Api, parts: MessageParts): void {
  sending(api, parts);
  looking(api, parts);
  api.endpoint(
    {
      method: 'post',
      path: '/v1/messages/{id}/cancel',
      scope: 'messages:send',
      group,
      summary: { ja: 'まだ送っていない分を取り消す', en: 'cancel what was not sent yet' },
      answers: { 200: cancelAnswer },
    },
    (call) => {
      const found = visible(parts.mails, call);
      if (found.length === 0) return problem('not-found');
      const id = call.param('id');
      const cancelled = parts.mails.cancel(id);
      if (cancelled > 0) return answer(200, { id, cancelled });
      const states = [...new Set(found.map(({ state }) => state))].join(', ');
      return problem('conflict', {
        detail: {
          ja: `待っているものはありません（${states}）`,
          en: `nothing of it waits any more (${states})`,
        },
      });
    },
  );
}

const idempotencyHeader = {
  'Idempotency-Key': {
    ja: '1〜255 文字。24 時間以内に同じキーで再送しても二重に送りません',
    en: '1 to 255 characters; repeating it within 24 hours sends nothing twice',
  },
};

function sending(api: Api, parts: MessageParts): void {
  api.endpoint(
    {
      method: 'post',
      path: '/v1/messages',
      scope: 'messages:send',
      group,
      summary: { ja: 'メールを 1 通送る（宛先ごとに 1 通）', en: 'send a mail: a message to each recipient' },
      headers: idempotencyHeader,
      body: messageRequest,
      answers: { 202: acceptedMail },
    },
    async (call) => {
      const idempotency = idempotencyOf(call);
      if (idempotency !== null && 'kind' in idempotency) return idempotency;
      const made = await makeMails(call.body, { key: call.key, idempotency }, parts);
      if ('kind' in made) return made;
      const taken = await handOver(parts.outbox, [made]);
      return 'kind' in taken ? refusal(taken.kind) : answer(202, taken.map(acceptedJson)[0]);
    },
  );
  api.endpoint(
    {
      method: 'post',
      path: '/v1/messages/batch',
      scope: 'messages:send',
      group,
      summary: {
        ja: '1,000 通まで一度に送る（全部か、何も送らないか）',
        en: 'send up to 1,000 mails: all or none',
      },
      headers: idempotencyHeader,
      body: batchRequest,
      answers: { 202: batchAnswer },
    },
    async (call) => {
      const idempotency = idempotencyOf(call);
      if (idempotency !== null && 'kind' in idempotency) return idempotency;
      const made = await makeBatch(call, idempotency, parts);
      if ('kind' in made) return made;
      const taken = await handOver(parts.outbox, made);
      return 'kind' in taken ? refusal(taken.kind) : answer(202, { data: taken.map(acceptedJson) });
    },
  );
}

// Composing takes 0.1 ms each.
const mailsPerTurn = 50;
// One bad mail in a batch is worth telling of; a thousand are one mistake.
const mostFaults = 20;

/** Every mail of a batch, checked before any of them is accepted. */
async function makeBatch(
  { body, key }: Call<{ readonly messages: readonly Parameters<typeof makeMails>[0][] }, unknown>,
  idempotency: NewMail['idempotency'],
  parts: MessageParts,
): Promise<readonly MadeMails[] | Problem> {
  const batch: MadeMails[] = [];
  const faults: Fault[] = [];
  const discardAll = async (): Promise<void> => {
    await Promise.all(batch.map(async (each) => await each.discard()));
  };
  for (const [index, request] of body.messages.entries()) {
    // Others are served in between.
    if (index % mailsPerTurn === mailsPerTurn - 1) await new Promise((resolve) => setImmediate(resolve));
    const own = idempotency === null ? null : { ...idempotency, key: `${idempotency.key}/${index}` };
    const made = await makeMails(request, { key, idempotency: own }, parts);
    if (!('kind' in made)) {
      batch.push(made);
      continue;
    }
    // What is no fault of a field (a key, a domain) is one of the whole batch.
    const place = `messages/${index}`;
    if (made.code !== 'invalid-body') {
      await discardAll();
      return { ...made, faults: (made.faults ?? []).map((fault) => within(place, fault)) };
    }
    if (made.faults === undefined && made.detail !== undefined)
      faults.push({ field: place, detail: made.detail });
    faults.push(...(made.faults ?? []).map((fault) => within(place, fault)));
    if (faults.length >= mostFaults) break;
  }
  if (faults.length === 0) return batch;
  await discardAll();
  return problem('invalid-body', { faults: faults.slice(0, mostFaults) });
}

function within(place: string, fault: Fault): Fault {
  return {
    ...fault,
    field: fault.field === undefined || fault.field === '' ? place : `${place}/${fault.field}`,
  };
}

/** draft-ietf-httpapi-idempotency-key-header-07 §2.1: a quoted string; bare ones are what everybody sends. */
function idempotencyOf(call: Call<unknown, unknown>): NewMail['idempotency'] | Problem {
  const given = call.header('idempotency-key');
  if (given === null) return null;
  const key = /^"(.*)"$/.exec(given)?.[1] ?? given;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const detail = {
      ja: '空白を含まない ASCII 1〜255 文字です',
      en: 'must be 1 to 255 ASCII characters without spaces',
    };
    return problem('invalid-query', { faults: [{ header: 'Idempotency-Key', detail }] });
  }
  return { key, fingerprint: createHash('sha256').update(call.bytes).digest('base64url') };
}

// Restarting takes seconds; clearing a disk takes somebody.
const stoppingRetrySeconds = 5;
const diskRetrySeconds = 60;

function refusal(kind: 'disk-full' | 'idempotency-conflict' | 'stopping'): Problem {
  if (kind === 'idempotency-conflict') return problem('idempotency-conflict');
  const seconds = kind === 'stopping' ? stoppingRetrySeconds : diskRetrySeconds;
  return problem(kind, { headers: { 'retry-after': String(seconds) } });
}

function acceptedJson({ first: { id, messages, repeated }, parts }: HandedOver): unknown {
  return {
    id,
    ...(parts.length === 0 ? {} : { parts }),
    messages: messages.map((each) => ({ id: each.id, to: each.address, state: each.state })),
    repeated,
  };
}

function looking(api: Api, parts: MessageParts): void {
  const { mails } = parts;
  api.endpoint(
    {
      method: 'get',
      path: '/v1/messages',
      scope: 'messages:read',
      group,
      summary: { ja: 'メールを新しい順に一覧する', en: 'list messages, newest first' },
      query: messageQuery,
      answers: { 200: messagePage },
    },
    ({ key, query }) => {
      const address = query.to === undefined ? null : normaliseAddress(query.to);
      if (address?.ok === false) return parameterProblem('to', address.reason);
      const filter = filterOf(query, { domains: key.domains, address: address?.text ?? null });
      const page = mails.list(filter, { limit: query.limit, cursor: query.cursor ?? null });
      return answer(200, { data: page.messages.map(recordJson), next: page.next });
    },
  );
  api.endpoint(
    {
      method: 'get',
      path: '/v1/messages/{id}',
      scope: 'messages:read',
      group,
      summary: {
        ja: 'メール（m-…）か 1 宛先分（m-….1）の今',
        en: 'a mail (m-…), or one message of it (m-….1), as it stands',
      },
      answers: { 200: mailAnswer },
    },
    (call) => {
      const found = visible(mails, call);
      if (found.length === 0) return problem('not-found');
      return answer(200, { id: call.param('id'), messages: found.map(recordJson) });
    },
  );
  api.endpoint(
    {
      method: 'get',
      path: '/v1/messages/{id}/why',
      scope: 'messages:read',
      group,
      summary: {
        ja: '届いた・届かない理由と次にすること',
        en: 'why it did or did not arrive, and what to do',
      },
      answers: { 200: whyAnswer },
    },
    (call): Answer | Problem => {
      if (visible(mails, call).length === 0) return problem('not-found');
      const [first, ...older] = parts.why(call.param('id'));
      if (first === undefined) return problem('not-found');
      return answer(200, { ...first, older: older.map(({ message, state }) => ({ message, state })) });
    },
  );
}

type Query = z.infer<typeof messageQuery>;

/** `captured` is our word for what stands in the ledger as delivered, and was delivered to the captured inbox. */
function filterOf(
  query: Query,
  { domains, address }: { readonly domains: AccessKey['domains']; readonly address: string | null },
): MailFilter {
  const { state, tag, since, until } = query;
  const asked = query.sandbox === undefined ? null : query.sandbox === 'true';
  const sandbox = state === 'captured' ? true : state === 'delivered' ? (asked ?? false) : asked;
  return {
    domains,
    ...(address === null ? {} : { address }),
    ...(state === undefined ? {} : { state: state === 'captured' ? 'delivered' : state }),
    ...(tag === undefined ? {} : { tag }),
    ...(sandbox === null ? {} : { sandbox }),
    ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
    ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
  };
}

/** What the key may see of it; of a mail that is another domain's, nothing is told. */
function visible(
  mails: MailStore,
  call: { readonly key: AccessKey; param(name: string): string },
): readonly MailRecord[] {
  return mails.find(call.param('id')).filter(({ domain }) => allowsDomain(call.key, domain));
}

function recordJson(record: MailRecord): unknown {
  const { id, mail, state, waiting, author, address, subject, domain, via, sandbox, tags, metadata } = record;
  const stands = state === 'waiting' ? (waiting ?? standing(record)) : null;
  return {
    id,
    mail,
    state: state === 'delivered' && sandbox ? 'captured' : state,
    because: stands?.because ?? null,
    until: stands === null ? null : iso(stands.untilMs),
    from: author,
    to: address,
    subject,
    domain,
    via,
    sandbox,
    tags,
    metadata,
    createdAt: iso(record.createdMs),
    scheduledAt: record.notBeforeMs === 0 ? null : iso(record.notBeforeMs),
    expiresAt: iso(record.expiresMs),
  };
}

/** Nothing is written down of a message that was never tried: it is in the queue, or its time has not come. */
function standing({ notBeforeMs, expiresMs }: MailRecord): {
  readonly because: string;
  readonly untilMs: number;
} {
  return notBeforeMs > 0
    ? { because: 'scheduled', untilMs: notBeforeMs }
    : { because: 'queued', untilMs: expiresMs };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
