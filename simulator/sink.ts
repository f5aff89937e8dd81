import { systemClock } from '../src/base/index.ts';
import { createFingerprintSet, fingerprint } from './fingerprint.ts';
import { accept, startSmtpServer } from './smtp/index.ts';
import type { Keep, ReceivedMessage, SmtpHooks } from './smtp/index.ts';

export type SinkOptions = {
  /** 0 or left out: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** `counts` looks at nothing and is the fastest; `duplicates` also compares (recipient, Message-ID). */
  readonly mode: 'counts' | 'duplicates';
  /** Called for each accepted message, with its content when `content` is set: for looking into what arrived. */
  readonly onMessage?: (message: ReceivedMessage) => void;
  /** Keep whole messages for `onMessage`. */
  readonly content?: boolean;
  /** Largest message, octets; default 64 MB. */
  readonly sizeLimitOctets?: number;
};

export type SinkStats = {
  readonly connections: number;
  /** Final dots answered with 250. */
  readonly messages: number;
  /** One per accepted recipient of each message. */
  readonly recipients: number;
  readonly bytes: number;
  /** Recipients that got one Message-ID again; null in mode `counts`. */
  readonly duplicates: number | null;
  /** Messages without a Message-ID, which no duplicate can be told of; null in mode `counts`. */
  readonly withoutMessageId: number | null;
};

export type Sink = {
  readonly port: number;
  stats(): SinkStats;
  stop(): Promise<void>;
};

// The largest that any provider takes is 50 MB (Yahoo Inc 25 MB, Gmail 25 MB before encoding).
const defaultSizeLimitOctets = 64 * 1024 * 1024;

/** A receiver that takes everything as fast as it can: for benchmarks and for "exactly once" tests. */
export async function startSink(options: SinkOptions): Promise<Sink> {
  const counts = { connections: 0, messages: 0, recipients: 0, bytes: 0, duplicates: 0, withoutMessageId: 0 };
  const seen = createFingerprintSet();
  const compare = options.mode === 'duplicates';
  const note = (message: ReceivedMessage): void => {
    if (message.messageId === null) {
      counts.withoutMessageId += 1;
      return;
    }
    for (const recipient of message.recipients) {
      if (!seen.add(fingerprint(`${recipient}\u0000${message.messageId}`))) counts.duplicates += 1;
    }
  };
  const hooks: SmtpHooks = {
    connected() {
      counts.connections += 1;
      return accept;
    },
    message(_session, message) {
      counts.messages += 1;
      counts.recipients += message.recipients.length;
      counts.bytes += message.sizeOctets;
      if (compare) note(message);
      options.onMessage?.(message);
      return accept;
    },
  };
  const server = await startSmtpServer(
    { address: options.address ?? '127.0.0.1', port: options.port ?? 0 },
    {
      hostname: 'sink.test',
      hooks,
      keep: keepFor(options),
      sizeLimitOctets: options.sizeLimitOctets ?? defaultSizeLimitOctets,
      chunking: true,
      startTls: 'none',
      secureContext: null,
      clock: systemClock,
    },
  );
  return {
    port: server.port,
    stats: () => ({
      ...counts,
      duplicates: compare ? counts.duplicates : null,
      withoutMessageId: compare ? counts.withoutMessageId : null,
    }),
    stop: () => server.close(),
  };
}

function keepFor(options: SinkOptions): Keep {
  if (options.content === true) return 'content';
  return options.mode === 'duplicates' ? 'head' : 'nothing';
}
