import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { CheckAnswer, MailboxRequest, Product } from '../cli/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import {
  checkMailbox,
  defaultDialogLimits,
  fetchText,
  loadMailboxFacts,
  openTcp,
  standardSievePort,
} from '../mailbox/index.ts';
import { withCheckTools } from './check-tools.ts';
import type { CheckParts } from './check-tools.ts';

// A large mailbox is searched folder by folder; people wait no longer.
const limitMs = 120_000;
// Leaves time for the other servers.
const searchMs = 80_000;
// A settings file that takes longer is taken for none.
const fileMs = 5_000;

/** One mailbox; `progress` hears each step. */
export async function lookAtMailbox(
  parts: CheckParts,
  request: MailboxRequest,
  progress: Parameters<Product['checkMailbox']>[1],
): Promise<CheckAnswer> {
  const { config, clock } = parts;
  const { tlsCa, hostname } = config.delivery;
  const authorities = tlsCa === null ? null : [...rootCertificates, readFileSync(tlsCa, 'utf8')];
  const facts = loadMailboxFacts(defaultKnowledgeFolder());
  return await withCheckTools(parts, async (tools) => {
    const findings = await checkMailbox(
      {
        ...request,
        services: request.services.map((service) => ({ ...service, origin: 'given' })),
        sievePort: request.sievePort ?? standardSievePort,
        searchMs,
        limitMs,
      },
      {
        ...tools,
        facts,
        hostname,
        progress,
        dialog: { clock, limits: defaultDialogLimits, open: openTcp, authorities },
        fetchText: async (url) =>
          await fetchText(url, { resolver: tools.resolver, clock, timeoutMs: fileMs, authorities }),
        anchors: config.mailbox.anchors.map(({ host, port }) => `${host}:${port}`),
      },
    );
    const named = request.services.map(({ host, port }) => `${host}:${port}`).join(', ');
    return { subject: request.address ?? named, findings };
  });
}
