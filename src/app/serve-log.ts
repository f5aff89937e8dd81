import type { Bilingual, Language } from '../base/index.ts';
import type { ServeStart, ServeWatch } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import type { Settled } from '../delivery/index.ts';
import { createLog } from '../log/index.ts';
import type { Log } from '../log/index.ts';

/** What a running Todoku tells whoever runs it: lines of a log, or remarks on a terminal. */
export type ServeLog = {
  /** null: a person looks at a terminal. */
  readonly log: Log | null;
  readonly remark: (text: Bilingual) => void;
  readonly started: (start: ServeStart, version: string) => void;
  readonly stopping: () => void;
  readonly stopped: () => void;
  /** Each message, at the level debug. */
  readonly settled: (batch: readonly Settled[]) => void;
};

export function createServeLog(
  { log: settings }: Pick<Config, 'log'>,
  language: Language,
  { logLine, quiet, remark }: Pick<ServeWatch, 'logLine' | 'quiet' | 'remark'>,
): ServeLog {
  const level = quiet && settings.level === 'info' ? 'warn' : settings.level;
  const log =
    logLine === null ? null : createLog({ level, maskAddresses: settings.maskAddresses, write: logLine });
  return {
    log,
    remark: log === null ? remark : (text) => log.warn('remark', text[language]),
    started: (start, version) => log?.info('started', `Todoku ${version}`, { ...start, version }),
    stopping: () => log?.info('stopping', 'no new work; what is under way ends'),
    stopped: () => log?.info('stopped', 'everything is written down'),
    settled(batch) {
      if (log?.writes('debug') !== true) return;
      for (const settled of batch) log.debug('settled', settled.settlement.next.state, factsOf(settled));
    },
  };
}

function factsOf({ settlement, domain }: Settled): Readonly<Record<string, unknown>> {
  const { event, next } = settlement;
  const { outcome } = event;
  const until = next.state === 'waiting' ? { until: new Date(next.waiting.untilMs).toISOString() } : {};
  const facts = { message: event.messageId, domain, state: next.state, ...until };
  if (outcome === null) return facts;
  const said =
    outcome.origin === 'remote' ? `${outcome.reply.code} ${outcome.reply.lines.join(' ')}` : outcome.text;
  return { ...facts, outcome: outcome.kind, stage: outcome.stage, host: outcome.host, said };
}
