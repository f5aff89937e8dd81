import { createGate, createRateLimiter } from '../access/index.ts';
import { AppError } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import {
  checkRoutes,
  createHttpApp,
  createTemplateTexts,
  downloadRoutes,
  inboxRoutes,
  messageRoutes,
  startHttpServer,
} from '../http/index.ts';
import type { ApiParts, RouteGroup, SenderDomain } from '../http/index.ts';
import type { MessageFacts } from '../delivery/index.ts';
import { createInbox } from '../inbox/index.ts';
import { createResolver } from '../net/dns/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import { listenFailure } from '../net/smtp-server/index.ts';
import { sendingHours } from './sending-hours.ts';
import { openAttachments } from './attachments.ts';
import type { Attachments } from './attachments.ts';
import { createCheckDesk } from './check-desk.ts';
import type { CampaignControlParts } from './campaign-control.ts';
import { storeGroups } from './http-groups.ts';
import { httpTroubleText } from './http-remarks.ts';
import { notArrivedLink } from './not-arrived.ts';
import { pagesApp } from './pages.ts';
import { sendingDomain } from './sender.ts';
import type { Door, ServeParts } from './serve-parts.ts';
import { answerWhy } from './why-answer.ts';

export type HttpDoorParts = ServeParts & {
  readonly version: string;
  /** Of the world that is delivered to: test mails to recipients go there. */
  readonly worldConfig: Config;
  /** Name servers that domains are verified with. */
  readonly dnsServers: readonly string[];
  readonly delivery: CampaignControlParts['delivery'];
  /** Endpoints of other rooms: events, webhooks, downloads, health. */
  readonly groups: readonly RouteGroup[];
};

/** The HTTP API, listening at `http.listen`; null: it is not asked for. */
export async function openHttpDoor(parts: HttpDoorParts): Promise<Door | null> {
  const { listen } = parts.config.http;
  if (listen === null) return null;
  const trouble = troubleTeller(parts);
  const attachments = openAttachments({ ...parts, trouble });
  const resolver = resolverOf(parts);
  const letGo = async (): Promise<void> => {
    resolver.close();
    await attachments.stop();
  };
  const app = createHttpApp({
    ...apiParts(parts, trouble),
    version: parts.version,
    groups: [
      ...ownGroups(parts, attachments),
      ...storeGroups({ ...parts, resolver, senderOf: senders(parts) }),
      ...parts.groups,
    ],
  });
  app.route('/', pagesApp({ ...parts, config: parts.worldConfig, resolver, trouble }));
  try {
    const server = await startHttpServer({ listen, app, clock: parts.clock, trouble });
    return {
      name: 'http',
      places: [{ host: server.host, port: server.port }],
      async stop(graceMs) {
        await server.close(graceMs);
        await letGo();
      },
    };
  } catch (error) {
    await letGo();
    throw error instanceof Error ? listenFailure(error, { ...listen, key: 'http.listen' }) : error;
  }
}

function resolverOf({ config, dnsServers, clock }: HttpDoorParts): Resolver {
  const { timeoutMs, attempts, trustAd } = config.dns;
  return createResolver({ servers: dnsServers, timeoutMs, attempts, trustAd, clock });
}

function apiParts({ config, keys, clock, metrics }: HttpDoorParts, trouble: ApiParts['trouble']): ApiParts {
  const { requestsPerMinute, bodySizeBytes } = config.http.limits;
  return {
    gate: createGate({ store: keys }),
    limiter: createRateLimiter(clock),
    limits: { requestsPerMinute, bodyBytes: bodySizeBytes },
    clock,
    seen({ method, status, seconds }) {
      metrics.count('todoku_http_requests_total', { method, status: String(status) });
      metrics.observe('todoku_http_request_seconds', { method }, seconds);
    },
    trouble,
  };
}

function ownGroups(parts: HttpDoorParts, attachments: Attachments): readonly RouteGroup[] {
  const { config, store, knowledge, clock, random, outbox, mails } = parts;
  const templates = createTemplateTexts(store.templates);
  const hours = sendingHours(config, knowledge);
  const linkOf = (message: MessageFacts): string => notArrivedLink(config, message, store.secret);
  return [
    (api) =>
      messageRoutes(api, {
        clock,
        random,
        outbox,
        mails,
        templates,
        expiryMs: config.delivery.expiryMs,
        expiryTransactionalMs: config.delivery.expiryTransactionalMs,
        senderOf: senders(parts),
        desk: attachments.desk,
        why: (question) => answerWhy(store, knowledge, { question, nowMs: clock.now(), hours, linkOf }),
      }),
    inboxRoutes(createInbox({ mails, removed: store.inbox })),
    downloadRoutes(attachments.downloads),
    (api) => checkRoutes(api, createCheckDesk({ config: parts.worldConfig, knowledge, clock })),
  ];
}

/** A domain of the configuration is its operator's word; one that was made by the API has to be seen in the DNS first. */
export function senders({
  config,
  store,
}: Pick<ServeParts, 'config' | 'store'>): (domain: string) => SenderDomain | null {
  return (domain) => {
    const own = sendingDomain(config, domain);
    if (own === null) return null;
    const stored = store.domains.find(own.name);
    const verified =
      stored === null ||
      stored.verifiedMs !== null ||
      !stored.dkim.some(({ key }) => own.dkim.some((each) => each.key === key));
    return { name: own.name, verified, sandbox: own.sandbox };
  };
}

// A client that runs into a fault does so a thousand times a second; each cause is told of once in this time.
const troubleEveryMs = 10_000;
// Causes may hold values of strangers.
const mostCauses = 1_000;

function troubleTeller({
  clock,
  remark,
}: HttpDoorParts): (error: unknown, request?: { readonly method: string; readonly path: string }) => void {
  const toldMs = new Map<string, number>();
  return (error, request) => {
    const nowMs = clock.monotonic();
    const text = httpTroubleText(error instanceof AppError ? error.text : null, error, request);
    const lastMs = toldMs.get(text.en) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - lastMs < troubleEveryMs) return;
    if (toldMs.size >= mostCauses) toldMs.clear();
    toldMs.set(text.en, nowMs);
    remark(text);
  };
}
