import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createAttachmentDesk, createDownloadDesk, createFileStore } from '../attachments/index.ts';
import type { AttachmentDesk, DomainRules, DownloadDesk, Scanner } from '../attachments/index.ts';
import type { Clock, Timer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { createShaping } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { scanWithClamd } from '../net/clamd/index.ts';
import type { ClamdPlace } from '../net/clamd/index.ts';
import type { Store } from '../storage/sqlite/index.ts';

export type AttachmentSetting = {
  readonly config: Config;
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  /** What goes wrong while sweeping: a disk that fails. */
  readonly trouble: (error: unknown) => void;
};

/** Attachments of a running Todoku. */
export type Attachments = {
  readonly desk: AttachmentDesk;
  readonly downloads: DownloadDesk;
  /** Ends the sweeping. */
  stop(): Promise<void>;
};

// Links live for days: nobody minds an hour.
const sweepEveryMs = 60 * 60 * 1000;

/** Files behind links lie in `files/` of the data folder. Sweeps at once, for what a crash left, and then every hour. */
export function openAttachments(setting: AttachmentSetting): Attachments {
  const { config, store, clock, trouble } = setting;
  const { clamd, links } = config.attachments;
  const files = createFileStore(join(store.folder, 'files'));
  const desk = createAttachmentDesk({
    downloads: store.downloads,
    decisions: store.attachmentDecisions,
    files,
    scan: clamd === null ? null : scanner(clamd, clock),
    rules: domainRules(setting),
    publicUrl: config.http.publicUrl.replace(/\/+$/, ''),
    defaults: { lifetimeMs: links.lifetimeMs, downloads: links.downloads, storeOctets: links.storeBytes },
    clock,
    secret: randomBytes,
  });
  let timer: Timer | null = null;
  let sweeping: Promise<void> = Promise.resolve();
  const sweep = (): void => {
    sweeping = desk.sweep().catch(trouble);
    timer = clock.after(sweepEveryMs, sweep);
  };
  sweep();
  return {
    desk,
    downloads: createDownloadDesk({ downloads: store.downloads, files, secret: store.secret, clock }),
    async stop() {
      timer?.cancel();
      await sweeping;
    },
  };
}

function scanner(clamd: string, clock: Clock): Scanner {
  const place = placeOf(clamd);
  return async (content) => await scanWithClamd(content, { place, clock });
}

function placeOf(clamd: string): ClamdPlace {
  if (clamd.startsWith('/')) return { path: clamd };
  const colon = clamd.lastIndexOf(':');
  return { host: clamd.slice(0, colon).replaceAll(/[[\]]/g, ''), port: Number(clamd.slice(colon + 1)) };
}

// Recipient domains are endless, those of one site few.
const mostKept = 10_000;

/** What recipient domains take: the operator's rules and knowledge/shaping.yaml, by domain, before anything is looked up. */
function domainRules({ config, knowledge }: Pick<AttachmentSetting, 'config' | 'knowledge'>): DomainRules {
  const { largestMessageBytes, tooLarge, rules } = config.attachments;
  const { connectionsPerPath: connections, messagesPerConnection } = config.delivery;
  const shaping = createShaping(knowledge.shaping, { connections, messagesPerConnection });
  const known = new Map<string, ReturnType<DomainRules['limitOf']>>();
  return {
    limitOf(domain) {
      const kept = known.get(domain);
      if (kept !== undefined) return kept;
      const provider = knowledge.providerOf({ mxHost: null, domain })?.id ?? null;
      const path = { site: domain, mxHosts: [], domain, provider, source: null, pool: null };
      const { value, from } = shaping.limitsFor(path).messageOctets;
      const limit =
        value === null
          ? { octets: largestMessageBytes, from: 'config attachments.largestMessage' }
          : { octets: value, from };
      if (known.size >= mostKept) known.clear();
      known.set(domain, limit);
      return limit;
    },
    tooLargeAt: (domain) => rules.find((rule) => isWithin(domain, rule.domain))?.tooLarge ?? tooLarge,
  };
}

/** `*`: all; `*.example.jp`: everything below it. */
function isWithin(domain: string, pattern: string): boolean {
  if (pattern === '*') return true;
  return pattern.startsWith('*.') ? domain.endsWith(pattern.slice(1)) : domain === pattern;
}
