import { onTestFinished } from 'vitest';
import { accept, startSmtpServer } from '../../../simulator/smtp/index.ts';
import { systemClock } from '../../../src/base/index.ts';

/** What one recipient has got. */
export type Copies = { readonly messageId: string | null; count: number; sameId: boolean };

/** A receiver that takes everything and remembers who got which Message-ID, in which order. */
export type Inbox = {
  readonly port: number;
  /** Recipients in the order of their final dots, one entry for each copy. */
  readonly log: readonly string[];
  readonly copies: ReadonlyMap<string, Copies>;
  /** Connections open now. */
  readonly open: number;
  /** Calls back at the `count`-th final dot from the beginning, before it is answered. */
  at(count: number, action: () => void): void;
  /** Resolves when no connection is open: what a dead process has sent is in the log then. */
  quiet(): Promise<void>;
};

/** Listens until the test ends; whoever `defers` says is asked to come again the first time. */
export async function startInbox(defers: (address: string) => boolean = () => false): Promise<Inbox> {
  const deferred = new Set<string>();
  const log: string[] = [];
  const copies = new Map<string, Copies>();
  const actions = new Map<number, () => void>();
  const waiting: (() => void)[] = [];
  let open = 0;
  const note = (address: string, messageId: string | null): void => {
    log.push(address);
    const known = copies.get(address);
    if (known === undefined) copies.set(address, { messageId, count: 1, sameId: true });
    else {
      known.count++;
      known.sameId &&= known.messageId === messageId;
    }
    actions.get(log.length)?.();
  };
  const server = await startSmtpServer(
    { address: '127.0.0.1', port: 0 },
    {
      hostname: 'inbox.test',
      hooks: {
        connected() {
          open++;
          return accept;
        },
        rcpt(_session, to) {
          if (deferred.has(to) || !defers(to)) return accept;
          deferred.add(to);
          return { kind: 'reply', text: '451 4.7.1 come again' };
        },
        message(_session, { recipients, messageId }) {
          for (const address of recipients) note(address, messageId);
          return accept;
        },
        closed() {
          open--;
          if (open === 0) for (const done of waiting.splice(0)) done();
        },
      },
      keep: 'head',
      sizeLimitOctets: 1_048_576,
      chunking: true,
      startTls: 'none',
      secureContext: null,
      clock: systemClock,
    },
  );
  onTestFinished(() => server.close());
  return {
    port: server.port,
    log,
    copies,
    get open() {
      return open;
    },
    at: (count, action) => void actions.set(count, action),
    quiet: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
