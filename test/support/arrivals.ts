import { onTestFinished } from 'vitest';
import { startSink } from '../../simulator/index.ts';
import type { ReceivedMessage, Sink } from '../../simulator/index.ts';

/** What came to a receiver, by recipient. */
export type Arrivals = {
  /** Message-IDs of what each recipient got, in order. */
  readonly byRecipient: ReadonlyMap<string, readonly string[]>;
  readonly count: number;
  /** Copies beyond the first. */
  readonly duplicates: number;
  take(message: ReceivedMessage): void;
  /** Calls once, at the moment when the `count`-th message is there; at once when it is already. */
  when(count: number, action: () => void): void;
  reached(count: number): Promise<void>;
};

export function createArrivals(): Arrivals {
  const byRecipient = new Map<string, string[]>();
  const marks: { readonly count: number; readonly action: () => void }[] = [];
  let count = 0;
  const arrivals: Arrivals = {
    byRecipient,
    get count() {
      return count;
    },
    get duplicates() {
      return count - byRecipient.size;
    },
    take({ recipients, messageId }) {
      const [recipient = '', ...others] = recipients;
      if (others.length > 0) throw new Error('one message to several recipients');
      const known = byRecipient.get(recipient);
      if (known === undefined) byRecipient.set(recipient, [messageId ?? '']);
      else known.push(messageId ?? '');
      count += 1;
      const due = marks.filter((mark) => mark.count <= count);
      for (const mark of due) {
        marks.splice(marks.indexOf(mark), 1);
        mark.action();
      }
    },
    when(wanted, action) {
      if (wanted <= count) action();
      else marks.push({ count: wanted, action });
    },
    reached: async (wanted) => await new Promise<void>((resolve) => arrivals.when(wanted, resolve)),
  };
  return arrivals;
}

/** A sink that keeps who got what; `onMessage` sees the whole message. */
export async function startArrivalSink(
  onMessage?: (message: ReceivedMessage) => void,
): Promise<{ readonly sink: Sink; readonly arrivals: Arrivals }> {
  const arrivals = createArrivals();
  const sink = await startSink({
    mode: 'duplicates',
    content: onMessage !== undefined,
    onMessage(message) {
      onMessage?.(message);
      arrivals.take(message);
    },
  });
  onTestFinished(() => sink.stop());
  return { sink, arrivals };
}
