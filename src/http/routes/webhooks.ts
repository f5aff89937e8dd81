import { allowsDomain } from '../../access/index.ts';
import type { AccessKey } from '../../access/index.ts';
import type { Clock } from '../../base/index.ts';
import {
  isEventType,
  isWebhookSecret,
  makeWebhook,
  newWebhookSecret,
  positionText,
  rotateSecrets,
  testPost,
  webhookFaults,
} from '../../webhooks/index.ts';
import type {
  AddressGuard,
  EventFeed,
  Post,
  Posted,
  Webhook,
  WebhookFault,
  WebhookStore,
} from '../../webhooks/index.ts';
import {
  deadPage,
  deadQuery,
  replayAnswer,
  replayRequest,
  rotateRequest,
  testAnswer,
  webhook as webhookSchema,
  webhookChange,
  webhookList,
  webhookRequest,
  webhookWithSecret,
} from '../contract/webhook.ts';
import { answer } from '../endpoint.ts';
import type { Answer, Api, Call } from '../endpoint.ts';
import { problem } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { deadAnswer, webhookAnswer } from '../webhook-answer.ts';

export type WebhookRouteParts = {
  readonly store: WebhookStore;
  readonly events: EventFeed;
  readonly guard: AddressGuard;
  readonly post: (request: Post) => Promise<Posted>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomBytes: (bytes: number) => Buffer;
};

const group = 'webhooks';
const scope = 'webhooks';
// A day: long enough for a deployment on the other side, short for a secret that has leaked.
const overlapMs = 86_400_000;
// An installation has a handful; each is a look at the feed for every batch of news.
const mostWebhooks = 100;

/** Endpoints that are told of events: make, look at, change, try, replay. */
export function webhookRoutes(api: Api, parts: WebhookRouteParts): void {
  making(api, parts);
  looking(api, parts);
  changing(api, parts);
  acting(api, parts);
}

function making(api: Api, parts: WebhookRouteParts): void {
  const { store, events, clock } = parts;
  api.endpoint(
    {
      method: 'post',
      path: '/v1/webhooks',
      scope,
      group,
      summary: { ja: 'Webhook を登録する', en: 'make a webhook' },
      body: webhookRequest,
      answers: { 201: webhookWithSecret },
    },
    ({ key, body }) => {
      const { url, description = '', types = null, secret = null, since } = body;
      const faults = webhookFaults({ url, types, secret }, parts.guard);
      if (faults.length > 0) return faulty(faults);
      const domains = domainsFor(key, body.domains ?? null);
      if ('kind' in domains) return domains;
      if (store.list().length >= mostWebhooks) return tooMany;
      const made = makeWebhook(
        { url, description, types, domains: domains.names, secret },
        {
          nowMs: clock.now(),
          random: parts.random,
          randomBytes: parts.randomBytes,
          position: since === undefined ? events.head() : events.since(Date.parse(since)),
          owner: key.id,
        },
      );
      store.add(made);
      return answer(201, { ...webhookAnswer(parts, made), secret: made.secrets[0]?.text });
    },
  );
}

function looking(api: Api, parts: WebhookRouteParts): void {
  const { store } = parts;
  api.endpoint(
    {
      method: 'get',
      path: '/v1/webhooks',
      scope,
      group,
      summary: { ja: 'Webhook の一覧', en: 'list the webhooks' },
      answers: { 200: webhookList },
    },
    ({ key }) => {
      const own = store.list().filter((each) => mayUse(key, each));
      return answer(200, { data: own.map((each) => webhookAnswer(parts, each)) });
    },
  );
  api.endpoint(
    {
      method: 'get',
      path: '/v1/webhooks/{id}',
      scope,
      group,
      summary: { ja: 'Webhook と、その状態', en: 'a webhook and how it is' },
      answers: { 200: webhookSchema },
    },
    (call) => ofOne(parts, call, (found) => answer(200, webhookAnswer(parts, found))),
  );
  api.endpoint(
    {
      method: 'get',
      path: '/v1/webhooks/{id}/dead',
      scope,
      group,
      summary: { ja: '届けられずに諦めたイベント', en: 'events that were given up, newest first' },
      query: deadQuery,
      answers: { 200: deadPage },
    },
    (call) =>
      ofOne(parts, call, ({ id }) =>
        answer(200, {
          data: store.dead(id, call.query.limit).map(deadAnswer),
        }),
      ),
  );
}

function changing(api: Api, parts: WebhookRouteParts): void {
  const { store } = parts;
  api.endpoint(
    {
      method: 'put',
      path: '/v1/webhooks/{id}',
      scope,
      group,
      summary: {
        ja: 'Webhook を変更する（ある項目だけ）',
        en: 'change a webhook: the fields that are given',
      },
      body: webhookChange,
      answers: { 200: webhookSchema },
    },
    (call) =>
      ofOne(parts, call, (found) => {
        const { url = found.url, description = found.description, types = found.types } = call.body;
        const faults = webhookFaults({ url, types, secret: null }, parts.guard);
        if (faults.length > 0) return faulty(faults);
        const domains = domainsFor(
          call.key,
          call.body.domains === undefined ? found.domains : call.body.domains,
        );
        if ('kind' in domains) return domains;
        const known = types?.filter(isEventType) ?? null;
        store.change(found.id, { url: new URL(url).href, description, types: known, domains: domains.names });
        return answer(200, webhookAnswer(parts, store.find(found.id) ?? found));
      }),
  );
  api.endpoint(
    {
      method: 'delete',
      path: '/v1/webhooks/{id}',
      scope,
      group,
      summary: { ja: 'Webhook を削除する', en: 'remove a webhook, with what it was still to be told' },
      answers: { 204: null },
    },
    (call) =>
      ofOne(parts, call, ({ id }) => {
        store.remove(id);
        return answer(204);
      }),
  );
  api.endpoint(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/rotate',
      scope,
      group,
      summary: {
        ja: '署名の秘密を替える（しばらくは両方で署名）',
        en: 'change the secret; both sign for a while',
      },
      body: rotateRequest,
      answers: { 200: webhookWithSecret },
    },
    (call) => ofOne(parts, call, (found) => rotate(parts, found, call.body)),
  );
}

function rotate(
  parts: WebhookRouteParts,
  { id, secrets }: Webhook,
  asked: { readonly secret?: string | undefined; readonly overlapSeconds?: number | undefined },
): Answer | Problem {
  const secret = asked.secret ?? newWebhookSecret(parts.randomBytes);
  if (!isWebhookSecret(secret))
    return faulty(webhookFaults({ url: 'https://x.invalid/', types: null, secret }, parts.guard));
  const lengthMs = asked.overlapSeconds === undefined ? overlapMs : asked.overlapSeconds * 1000;
  parts.store.change(id, { secrets: rotateSecrets(secrets, secret, parts.clock.now() + lengthMs) });
  const changed = parts.store.find(id);
  return changed === null ? problem('not-found') : answer(200, { ...webhookAnswer(parts, changed), secret });
}

function acting(api: Api, parts: WebhookRouteParts): void {
  const { store, events, clock } = parts;
  api.endpoint(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/test',
      scope,
      group,
      summary: { ja: '試しに 1 件送り、応答を見る', en: 'send a test event and show the answer' },
      answers: { 200: testAnswer },
    },
    async (call) => {
      const found = store.find(call.param('id'));
      if (found === null || !mayUse(call.key, found)) return problem('not-found');
      const { ok, status, said } = await parts.post(testPost(found, clock.now()));
      return answer(200, { ok, status, said });
    },
  );
  api.endpoint(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/replay',
      scope,
      group,
      summary: {
        ja: '諦めたイベント、またはある時刻からのすべてを送り直す',
        en: 'send again what was given up, or everything from a time on',
      },
      body: replayRequest,
      answers: { 200: replayAnswer },
    },
    (call) =>
      ofOne(parts, call, ({ id, position }) => {
        const { since } = call.body;
        if (since === undefined)
          return answer(200, { revived: store.revive(id), position: positionText(position) });
        const place = events.since(Date.parse(since));
        store.rewind(id, place);
        return answer(200, { revived: 0, position: positionText(place) });
      }),
  );
  api.endpoint(
    {
      method: 'post',
      path: '/v1/webhooks/{id}/resume',
      scope,
      group,
      summary: { ja: '休止を終わらせ、すぐに送る', en: 'end a pause: go on at once' },
      answers: { 200: webhookSchema },
    },
    (call) =>
      ofOne(parts, call, (found) => {
        store.resume(found.id);
        return answer(200, webhookAnswer(parts, store.find(found.id) ?? found));
      }),
  );
}

function ofOne(
  { store }: WebhookRouteParts,
  call: Pick<Call<unknown, unknown>, 'key' | 'param'>,
  then: (found: Webhook) => Answer | Problem,
): Answer | Problem {
  const found = store.find(call.param('id'));
  // Whether there is one of others is nobody's business.
  return found === null || !mayUse(call.key, found) ? problem('not-found') : then(found);
}

/** A key that is bound to domains sees webhooks that tell of nothing else. */
function mayUse(key: AccessKey, { domains }: Webhook): boolean {
  if (key.domains === null) return true;
  return domains !== null && domains.every((name) => allowsDomain(key, name));
}

function domainsFor(
  key: AccessKey,
  asked: readonly string[] | null,
): { readonly names: readonly string[] | null } | Problem {
  const names = asked === null ? null : [...new Set(asked.map((name) => name.toLowerCase()))];
  const other = names?.find((name) => !allowsDomain(key, name));
  if (other !== undefined) return problem('domain-not-allowed', { detail: { ja: other, en: other } });
  return { names: names ?? key.domains };
}

function faulty(faults: readonly WebhookFault[]): Problem {
  return problem('invalid-body', { faults: faults.map(({ field, text }) => ({ field, detail: text })) });
}

const tooMany: Problem = problem('conflict', {
  detail: {
    ja: `Webhook は ${mostWebhooks} 個までです。使わないものを削除してください`,
    en: `there are ${mostWebhooks} webhooks, and no more are taken: remove one that is not used`,
  },
});
