import type { Clock, Timer } from '../../src/base/index.ts';
import { chance } from '../fingerprint.ts';
import type { Happening } from '../provider/happening.ts';
import { readMailboxAddress } from '../provider/mailbox-address.ts';
import type { Provider } from '../provider/schema.ts';
import type { ReceivedMessage } from '../smtp/index.ts';
import { createPostman } from './postman.ts';
import type { Endpoint, Postman } from './postman.ts';
import { composeReturn } from './returned-mail.ts';
import type { ReturnBehaviour, TakenMail } from './returned-mail.ts';

export type ReturnsOptions = {
  readonly seed: string;
  readonly timeScale: number;
  readonly clock: Clock;
  readonly report: (happening: Happening) => void;
};

/** What providers send back about mail that they took. */
export type Returns = {
  accepted(provider: Provider, message: ReceivedMessage): void;
  /** From now on mail goes there; before, it waits. */
  sendTo(to: Endpoint): void;
  /** Due or being brought. */
  readonly waiting: number;
  stop(): void;
};

/** Which return an address gets, by seed and address alone; null: none. */
export function returnFor(seed: string, provider: Provider, recipient: string): ReturnBehaviour | null {
  return (
    provider.returns.find(({ id, share }) => chance(seed, provider.id, 'return', id, recipient) < share) ??
    null
  );
}

type Due = { readonly provider: Provider; readonly behaviour: ReturnBehaviour; readonly mail: TakenMail };

export function createReturns(options: ReturnsOptions): Returns {
  const { seed, timeScale, clock, report } = options;
  const timers = new Set<Timer>();
  const early: Due[] = [];
  let route: Endpoint | null = null;
  let isStopped = false;
  // One connection for each provider, as if each had its own server.
  const postmen = new Map<string, Postman>();
  const post = (due: Due): void => {
    if (isStopped) return;
    if (route === null) {
      early.push(due);
      return;
    }
    const { provider, behaviour, mail } = due;
    const known = postmen.get(provider.id) ?? createPostmanFor(provider, route);
    postmen.set(provider.id, known);
    const sent = composeReturn(behaviour, mail, { seed, atMs: clock.now() });
    causes.set(sent, { cause: behaviour.id, recipient: mail.recipient });
    known.post(sent);
  };
  const causes = new WeakMap<object, { readonly cause: string; readonly recipient: string }>();
  const createPostmanFor = (provider: Provider, first: Endpoint): Postman =>
    createPostman({
      to: () => route ?? first,
      clock,
      answered(mail, reply) {
        const { cause = '', recipient = null } = causes.get(mail) ?? {};
        report({ kind: 'returned', provider: provider.id, cause, recipient, to: mail.to, reply });
      },
    });
  return {
    accepted(provider, message) {
      for (const path of message.recipients) {
        const recipient = readMailboxAddress(path).full;
        const behaviour = returnFor(seed, provider, recipient);
        if (behaviour === null || message.from === '') continue;
        const host = provider.hosts[0]?.name ?? 'mx.simulator.test';
        const mail = { returnPath: message.from, recipient, header: headerOf(message.content), host };
        const timer = clock.after((behaviour.afterSeconds * 1_000) / timeScale, () => {
          timers.delete(timer);
          post({ provider, behaviour, mail });
        });
        timers.add(timer);
      }
    },
    sendTo(to) {
      route = to;
      for (const due of early.splice(0)) post(due);
    },
    get waiting() {
      return timers.size + early.length + [...postmen.values()].reduce((sum, each) => sum + each.waiting, 0);
    },
    stop() {
      isStopped = true;
      for (const timer of timers) timer.cancel();
      for (const postman of postmen.values()) postman.stop();
    },
  };
}

// No header of a newsletter is longer, and thousands wait in memory.
const mostHeaderChars = 16_384;

function headerOf(content: Buffer | null): string {
  const text = (content ?? Buffer.alloc(0)).subarray(0, mostHeaderChars).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return end === -1 ? text : text.slice(0, end);
}
