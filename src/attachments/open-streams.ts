import type { Clock } from '../base/index.ts';

// Each holds a file open and 64 KB; a process has at least 1,024 descriptors, most of which are for mail.
const mostOpen = 200;
// 50 MB over a line of 0.2 Mbit/s; whoever is slower goes on with a range.
const longestMs = 60 * 60 * 1000;

/** How many downloads are under way, and for how long each may be. */
export type OpenStreams = {
  isFull(): boolean;
  /** The same octets; it counts until it ends, is cancelled, or its time is over. */
  watch(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
};

export function createOpenStreams(clock: Clock): OpenStreams {
  let open = 0;
  return {
    isFull: () => open >= mostOpen,
    watch(stream) {
      open += 1;
      const reader = stream.getReader();
      let ended = false;
      const end = (): void => {
        if (ended) return;
        ended = true;
        open -= 1;
        timer.cancel();
      };
      let late: ((reason: Error) => void) | null = null;
      const timer = clock.after(longestMs, () => {
        end();
        const reason = new Error('the download took longer than an hour');
        late?.(reason);
        // What the file says to being closed changes nothing for the reader.
        reader.cancel(reason).catch(() => null);
      });
      return new ReadableStream<Uint8Array>({
        start(controller) {
          late = (reason) => controller.error(reason);
        },
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            if (ended) return;
            if (!done) {
              controller.enqueue(value);
              return;
            }
            end();
            controller.close();
          } catch (error) {
            end();
            throw error;
          }
        },
        async cancel(reason) {
          end();
          await reader.cancel(reason);
        },
      });
    },
  };
}
