import { plainText } from './plain-text.ts';

/** Standard output or error: a terminal, a file or a pipe. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

// What terminals without a size, and pages of a log, are taken to have (VT100); and how long a line can get before
// reading it is work.
const standardColumns = 80;
const mostColumns = 100;

/** Columns for running text. */
export function textColumns(stream: OutputStream): number {
  return Math.min(stream.columns ?? standardColumns, mostColumns);
}

/** What a command writes to. */
export interface Output {
  /** A line (or several) on standard output. */
  print(text: string): void;
  /** One JSON document on a line of standard output. */
  printJson(value: unknown): void;
  /** A line on standard error: progress, remarks. */
  note(text: string): void;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted when the reader of standard output went away (`| head`): whoever only prints may stop. */
  readonly closed: AbortSignal;
  /** Waits until all is written; the error of a write that failed, null when there was none. */
  flush(): Promise<Error | null>;
}

export function createOutput(stdout: OutputStream, stderr: OutputStream): Output {
  const closing = new AbortController();
  let failure: Error | null = null;
  // A pipe whose reader has gone ends the output, not the work: a campaign goes on.
  const onError = (error: Error): void => {
    if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')) closing.abort();
    else failure ??= error;
  };
  stdout.on('error', onError);
  stderr.on('error', onError);
  const write = (stream: OutputStream, text: string): void => {
    if (stream === stderr || !closing.signal.aborted) stream.write(text);
  };
  return {
    print: (text) => write(stdout, `${plainText(text)}\n`),
    printJson: (value) => write(stdout, `${JSON.stringify(value)}\n`),
    note: (text) => write(stderr, `${plainText(text)}\n`),
    stdout,
    stderr,
    closed: closing.signal,
    async flush() {
      await drained(stdout, onError);
      stdout.removeListener('error', onError);
      stderr.removeListener('error', onError);
      return failure;
    },
  };
}

async function drained(stream: OutputStream, onError: (error: Error) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', (error) => {
      if (error instanceof Error) onError(error);
      resolve();
    });
  });
}
