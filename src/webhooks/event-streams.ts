import type { Clock, Timer } from '../base/index.ts';
import { eventDocument } from './event-document.ts';
import type { EventFeed, EventFilter, FeedEvent } from './event-feed.ts';
import { positionText } from './position.ts';
import type { Position } from './position.ts';

export type StreamRequest = {
  readonly filter: EventFilter;
  readonly after: Position;
  /** Whose stream it is: some at a time each. */
  readonly owner: string;
  /** Cuts the connection of a reader that does not read. */
  readonly cut: () => void;
};

/** Streams of events to whoever holds a connection open (HTML Standard §9.2, server-sent events). */
export type EventStreams = {
  /** null: too many are open. */
  open(request: StreamRequest): ReadableStream<Uint8Array> | null;
  /** Ends all of them: readers come again, and go on where they were. */
  stop(): void;
};

// A dashboard holds one or two. Each costs a look at the feed for every batch of news.
const mostStreamsEach = 10;
const mostStreams = 200;
// Shorter than the 30 to 60 s after which proxies take a silent connection for dead.
const keepAliveMs = 15_000;
// A reader that takes nothing for so long is gone, or too slow to be of use; it can come again with its cursor.
const stallMs = 60_000;
const lookAfterMs = 50;
// Some 60 KB: all that is ever held in memory for a reader.
const eventsAtOnce = 100;
// A key that was revoked reads no longer than this; others come again without noticing.
const longestMs = 30 * 60_000;

export function createEventStreams(events: EventFeed, clock: Clock): EventStreams {
  const open = new Map<() => void, string>();
  let stopped = false;
  return {
    open(request) {
      const own = [...open.values()].filter((owner) => owner === request.owner).length;
      if (stopped || own >= mostStreamsEach || open.size >= mostStreams) return null;
      const stream = startStream({ ...request, events, clock, onEnd: () => void open.delete(stream.end) });
      open.set(stream.end, request.owner);
      return stream.readable;
    },
    stop() {
      stopped = true;
      for (const end of open.keys()) end();
    },
  };
}

type StreamParts = StreamRequest & {
  readonly events: EventFeed;
  readonly clock: Clock;
  readonly onEnd: () => void;
};

/**
 * Pulled by its reader: nothing is read of the feed before there is room for it, so that a slow reader costs one chunk of
 * memory and falls behind.
 */
function startStream(parts: StreamParts): {
  readonly readable: ReadableStream<Uint8Array>;
  readonly end: () => void;
} {
  const { events, clock, filter } = parts;
  const encoder = new TextEncoder();
  const endMs = clock.monotonic() + longestMs;
  let after = parts.after;
  let ended = false;
  let wake: (() => void) | null = null;
  let stall: Timer | null = null;
  const endNews = events.onNews(() => wake?.());
  const release = (): void => {
    if (ended) return;
    ended = true;
    endNews();
    stall?.cancel();
    wake?.();
    parts.onEnd();
  };

  /** Resolves when there may be something new, or it is time to say that we are there. */
  const news = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let timer = clock.after(keepAliveMs, resolve);
    wake = () => {
      wake = null;
      timer.cancel();
      // Many facts come together: one look for all of them.
      timer = clock.after(ended ? 0 : lookAfterMs, resolve);
    };
    if (ended) wake();
    await promise;
    timer.cancel();
    wake = null;
  };

  /** The next text to send; '' when the stream is over. */
  const next = async (): Promise<string> => {
    for (let waited = false; !ended && clock.monotonic() < endMs;) {
      const page = events.page(filter, after, eventsAtOnce);
      after = page.last;
      if (page.events.length > 0) return page.events.map(textOf).join('');
      // HTML Standard §9.2.6: an id without data is remembered and dispatches nothing.
      if (waited) return `id: ${positionText(after)}\n\n`;
      if (page.more) await turn(clock);
      else {
        const beganMs = clock.monotonic();
        await news();
        waited = clock.monotonic() - beganMs >= keepAliveMs;
      }
    }
    return '';
  };

  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const readable = new ReadableStream<Uint8Array>({
    start(own) {
      controller = own;
      own.enqueue(encoder.encode(`retry: 2000\nid: ${positionText(after)}\n\n`));
    },
    async pull(own) {
      stall?.cancel();
      const text = await next();
      if (ended) return;
      if (text === '') {
        release();
        own.close();
        return;
      }
      own.enqueue(encoder.encode(text));
      stall = clock.after(stallMs, () => {
        release();
        parts.cut();
      });
    },
    cancel: release,
  });
  return {
    readable,
    end: () => {
      release();
      controller?.close();
    },
  };
}

function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(0, resolve));
}

function textOf(event: FeedEvent): string {
  const document = eventDocument(event);
  // JSON has no line end in it, so one data line is enough.
  return `id: ${document.data.event}\nevent: ${document.type}\ndata: ${JSON.stringify(document)}\n\n`;
}
