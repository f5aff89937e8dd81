import { pino } from 'pino';
import { maskAddresses } from './mask-addresses.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Facts beside the words; an `error` is written with its stack. */
type Facts = Readonly<Record<string, unknown>>;

/** Lines of a log: `event` is a stable name to search for, `text` is for people. */
export type Log = {
  readonly [Level in LogLevel]: (event: string, text: string, facts?: Facts) => void;
} & {
  /** Whether lines of that level are written: what is costly to say need not be said. */
  writes(level: LogLevel): boolean;
};

export type LogOptions = {
  readonly level: LogLevel;
  /** Local parts of addresses are left out, wherever in a line they stand. */
  readonly maskAddresses: boolean;
  readonly write: (line: string) => void;
};

/** One JSON object a line, as pino writes it, with the level by its name and the time in ISO 8601. */
export function createLog(options: LogOptions): Log {
  const { level, write } = options;
  // On the finished line: no value of it can be forgotten.
  const mask = options.maskAddresses ? maskAddresses : (line: string): string => line;
  const logger = pino(
    {
      level,
      formatters: { level: (label) => ({ level: label }), bindings: ({ pid }) => ({ pid: Number(pid) }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      errorKey: 'error',
    },
    { write: (line: string) => write(mask(line)) },
  );
  const at = (name: LogLevel): Log[LogLevel] => {
    return (event, text, facts = {}) => logger[name]({ event, ...facts }, text);
  };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    writes: (name) => logger.isLevelEnabled(name),
  };
}
