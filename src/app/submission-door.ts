import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGate, createRateLimiter } from '../access/index.ts';
import type { AccessKey } from '../access/index.ts';
import { AppError } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { ownCertificate } from '../inbound/index.ts';
import { newMailId } from '../outbox/index.ts';
import { startSubmission } from '../submission/index.ts';
import type { SubmissionNews, SubmissionPlace, SubmissionTls } from '../submission/index.ts';
import { submissionTroubleText } from './remarks.ts';
import { sendingDomain } from './sender.ts';
import type { Door, ServeParts } from './serve-parts.ts';
import { startSubmitterNotices } from './submitter-notices.ts';

// RFC 4954 §4 and RFC 5321 §4.5.3.2.7: 5 minutes for the next command.
const idleMs = 5 * 60_000;
// 35 MB at 60 KB/s, what a bad mobile line brings.
const dataMs = 10 * 60_000;
// A pool of connections is kept open by its application; one that trickles bytes holds a place no longer.
const sessionMs = 60 * 60_000;
// Mails beyond 128 KB at a time, together: seven of 35 MB.
const memoryBytes = 256 * 1_000_000;
// A store that cannot be written is told of once, not for each mail.
const troubleEveryMs = 10_000;
// unix(7): sun_path has 108 bytes with the final NUL; macOS has 104.
const longestSocketPath = 103;

/** Whoever may open the socket in the data folder may send for every domain, as with /usr/sbin/sendmail. */
export const localKey: AccessKey = {
  id: 'local',
  name: 'todoku sendmail',
  scopes: ['messages:send'],
  domains: null,
  sandbox: false,
  requestsPerMinute: null,
  createdMs: 0,
  revokedMs: null,
};

/** Opens what the configuration says of submission, and the socket of this machine's programs. */
export async function openSubmissionDoor(parts: ServeParts): Promise<Door> {
  const { config, keys, outbox, clock, random } = parts;
  const { submission } = config.inbound;
  const listener = await startSubmission(
    {
      outbox,
      gate: createGate({ store: keys }),
      limiter: createRateLimiter(clock),
      clock,
      rules: {
        hostname: config.delivery.hostname,
        hideClient: submission.hideClient,
        lifetimeMs: config.delivery.expiryMs,
        sendingDomain: (domain) => sendingDomain(config, domain)?.name ?? null,
        isSandbox: (domain) => sendingDomain(config, domain)?.sandbox === true,
        newId: () => newMailId(clock.now(), random),
      },
      limits: {
        ...submission.limits,
        messageBytes: submission.limits.messageSizeBytes,
        mailsPerMinute: null,
        memoryBytes,
        idleMs,
        dataMs,
        sessionMs,
      },
      clearLoopback: submission.clearLoopback,
      onNews: newsInto(parts),
      onTrouble: troubleInto(parts),
    },
    await placesOf(parts),
  );
  const notices = startSubmitterNotices(parts);
  return {
    name: 'submission',
    places: listener.places.filter(({ port }) => port > 0),
    async stop(graceMs) {
      await Promise.all([listener.stop(graceMs), notices.stop()]);
    },
  };
}

function newsInto({ metrics }: ServeParts): (news: SubmissionNews) => void {
  return (news) => {
    if (news.kind === 'accepted')
      metrics.count(
        'todoku_messages_accepted_total',
        { via: news.key === localKey.id ? 'sendmail' : 'smtp' },
        news.recipients,
      );
    else
      metrics.count('todoku_submission_refused_total', {
        code: news.kind === 'refused' ? String(news.refusal.code) : '535',
      });
  };
}

function troubleInto({ clock, remark }: ServeParts): (error: unknown) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (error) => {
    const nowMs = clock.monotonic();
    if (nowMs - lastMs < troubleEveryMs) return;
    lastMs = nowMs;
    remark(submissionTroubleText(error instanceof AppError ? error.text : null, error));
  };
}

async function placesOf(parts: ServeParts): Promise<readonly SubmissionPlace[]> {
  const { config, store } = parts;
  const { listen, listenTls, socket } = config.inbound.submission;
  const places: SubmissionPlace[] = [];
  const path = submissionSocket(config, store.folder);
  if (socket !== null || Buffer.byteLength(path) <= longestSocketPath)
    places.push({ kind: 'local', path, key: localKey });
  if (listen === null && listenTls === null) return places;
  const tls = await identity(parts);
  if (listen !== null) places.push({ kind: 'starttls', listen, configKey: 'inbound.submission.listen', tls });
  if (listenTls !== null)
    places.push({ kind: 'implicit', listen: listenTls, configKey: 'inbound.submission.listenTls', tls });
  return places;
}

/** Where `todoku sendmail` finds a running Todoku. */
export function submissionSocket(config: Config, dataFolder: string): string {
  return config.inbound.submission.socket ?? join(dataFolder, 'submission.sock');
}

async function identity({ config, store, clock }: ServeParts): Promise<SubmissionTls> {
  for (const section of ['inbound.submission.tls', 'inbound.tls'] as const) {
    const { certificate, key } =
      section === 'inbound.tls' ? config.inbound.tls : config.inbound.submission.tls;
    if (certificate !== null && key !== null)
      return { cert: readPem(`${section}.certificate`, certificate), key: readPem(`${section}.key`, key) };
  }
  return await ownCertificate(join(store.folder, 'inbound-tls'), config.delivery.hostname, clock.now());
}

function readPem(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError({
      code: 'submission-tls-unreadable',
      message: {
        ja: `${name} の ${file} を読めません`,
        en: `${name}: ${file} cannot be read`,
      },
      hint: { ja: 'パスと権限を確かめてください', en: 'check path and permissions' },
      cause: error,
    });
  }
}
