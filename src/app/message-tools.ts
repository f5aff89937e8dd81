import { loadContentSignals } from '../deliverability/index.ts';
import type { AskLink, MessageTools, SizeLimit, SpamFilter } from '../deliverability/index.ts';
import type { Config } from '../config/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { askRspamd, askSpamd } from '../net/spam-filter/index.ts';
import type { CheckTools } from './check-tools.ts';

/** What a message is checked with: facts, filters of the configuration, and the web when it was asked for. */
export function messageTools(
  { config, knowledge }: { readonly config: Config; readonly knowledge: Knowledge },
  tools: CheckTools,
  askLink: AskLink | null,
): MessageTools {
  const { finding, resolver, clock } = tools;
  return {
    finding,
    resolver,
    clock,
    signals: loadContentSignals(defaultKnowledgeFolder()),
    sizeLimits: sizeLimits(knowledge),
    freeMail: new Set(
      knowledge.providers.flatMap(({ domains }) => domains.filter((domain) => !domain.includes('*'))),
    ),
    filters: filtersOf(config),
    askLink,
  };
}

/** Of each provider the first rule that matches and names a size decides, as for delivery. */
function sizeLimits({ shaping, providers }: Knowledge): readonly SizeLimit[] {
  return providers.flatMap(({ id, name }) => {
    const rule = shaping.find(
      ({ match, limits }) => match.providers?.includes(id) === true && limits.messageOctets !== undefined,
    );
    const octets = rule?.limits.messageOctets;
    return rule === undefined || octets === undefined || octets === null
      ? []
      : [{ provider: name.ja, octets, from: rule.from }];
  });
}

function filtersOf({ check }: Config): readonly SpamFilter[] {
  const filters: SpamFilter[] = [];
  const { rspamd, spamassassin } = check;
  if (rspamd !== null)
    filters.push({
      name: 'rspamd',
      ask: async (mail, envelope, signal) => await askRspamd(rspamd, { mail, envelope, signal }),
    });
  if (spamassassin !== null)
    filters.push({
      name: 'SpamAssassin',
      ask: async (mail, _envelope, signal) => await askSpamd(spamassassin, { mail, signal }),
    });
  return filters;
}

/** Opens a link with HEAD; the body is not read, and whatever goes wrong is an answer. */
export const askWeb: AskLink = async (url, signal) => {
  try {
    const { status } = await fetch(url, { method: 'HEAD', redirect: 'follow', signal });
    return { status };
  } catch (error) {
    return { failed: causeOf(error) };
  }
};

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause ? String(cause.code) : cause.message;
}
