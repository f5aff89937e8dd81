import { allowsDomain } from '../../access/index.ts';
import type { AccessKey } from '../../access/index.ts';
import { beginning, eventDocument, isEventType, parsePosition, positionText } from '../../webhooks/index.ts';
import type { EventFeed, EventFilter, EventStreams, EventType, Position } from '../../webhooks/index.ts';
import { eventPage, eventQuery, streamQuery } from '../contract/event.ts';
import { answer } from '../endpoint.ts';
import type { Api } from '../endpoint.ts';
import { parameterProblem, problem } from '../problem.ts';
import type { Problem } from '../problem.ts';

export type EventRouteParts = { readonly events: EventFeed; readonly streams: EventStreams };

type Asked = {
  readonly type?: readonly string[] | undefined;
  readonly domain?: readonly string[] | undefined;
};

const group = 'events';

/** What happened to messages: pages with a cursor, and a stream. */
export function eventRoutes(api: Api, { events, streams }: EventRouteParts): void {
  api.endpoint(
    {
      method: 'get',
      path: '/v1/events',
      scope: 'events',
      group,
      summary: {
        ja: 'メッセージに起きたことを順に読む',
        en: 'read what happened to messages, in order',
      },
      query: eventQuery,
      answers: { 200: eventPage },
    },
    ({ key, query }) => {
      const filter = filterOf(key, query);
      if ('kind' in filter) return filter;
      const after = placeOf(events, query.cursor, query.since) ?? beginning;
      if ('kind' in after) return after;
      const page = events.page(filter, after, query.limit);
      const { more } = page;
      return answer(200, { data: page.events.map(eventDocument), next: positionText(page.last), more });
    },
  );
  api.endpoint(
    {
      method: 'get',
      path: '/v1/events/stream',
      scope: 'events',
      group,
      summary: {
        ja: '起きたことを待ち受ける（Server-Sent Events）',
        en: 'be told as it happens (server-sent events)',
      },
      query: streamQuery,
      headers: {
        'Last-Event-ID': {
          ja: '最後に受け取ったイベント。続きから届きます',
          en: 'the last event that was received; it goes on behind it',
        },
      },
      answers: { 200: null },
    },
    (call) => {
      const { key, query, context } = call;
      const filter = filterOf(key, query);
      if ('kind' in filter) return filter;
      const after =
        placeOf(events, call.header('last-event-id') ?? query.cursor, query.since) ?? events.head();
      if ('kind' in after) return after;
      const cut = (): void => void context.env.outgoing?.destroy();
      const stream = streams.open({ filter, after, owner: key.id, cut });
      if (stream === null) return problem('rate-limited', { headers: { 'retry-after': '10' } });
      return new Response(stream, {
        // X-Accel-Buffering: nginx would hold events back until it has a page of them.
        headers: {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        },
      });
    },
  );
}

/** Where to begin; null: nothing was said. */
function placeOf(
  events: EventFeed,
  cursor: string | undefined,
  since: string | undefined,
): Position | Problem | null {
  if (cursor === undefined || cursor === '')
    return since === undefined ? null : events.since(Date.parse(since));
  return parsePosition(cursor) ?? problem('bad-cursor');
}

/** What of it this key may see, and asks for. */
function filterOf(key: AccessKey, { type, domain }: Asked): EventFilter | Problem {
  const types: EventType[] = [];
  for (const word of type ?? []) {
    if (!isEventType(word))
      return parameterProblem('type', {
        ja: `${word} という種類はありません`,
        en: `there is no type ${word}`,
      });
    types.push(word);
  }
  const other = domain?.find((name) => !allowsDomain(key, name));
  if (other !== undefined) return problem('domain-not-allowed', { detail: { ja: other, en: other } });
  return { domains: domain ?? key.domains, types: type === undefined ? null : types };
}
