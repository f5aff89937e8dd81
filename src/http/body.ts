import type { IncomingMessage } from 'node:http';

export type BodyFailure = 'too-large' | 'cut-off';

/**
 * Reads a request's body up to a limit. From the socket itself where there is one: the web stream of it costs several times
 * as much for a small body. What is too large is not read to its end.
 */
export async function readBody(
  source: { readonly incoming: IncomingMessage | undefined; readonly request: Request },
  limitBytes: number,
): Promise<Buffer | BodyFailure> {
  const announced = Number(source.request.headers.get('content-length') ?? 0);
  if (announced > limitBytes) return 'too-large';
  return source.incoming === undefined
    ? await fromStream(source.request, limitBytes)
    : await fromSocket(source.incoming, limitBytes);
}

async function fromSocket(incoming: IncomingMessage, limitBytes: number): Promise<Buffer | BodyFailure> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let octets = 0;
    const settle = (result: Buffer | BodyFailure): void => {
      incoming.off('data', onData).off('end', onEnd).off('close', onCut).off('error', onCut);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      octets += chunk.length;
      if (octets > limitBytes) {
        incoming.pause();
        settle('too-large');
      } else chunks.push(chunk);
    };
    const onEnd = (): void => {
      const [only] = chunks;
      settle(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, octets));
    };
    const onCut = (): void => settle('cut-off');
    incoming.on('data', onData).on('end', onEnd).on('close', onCut).on('error', onCut);
    if (incoming.readableEnded || incoming.destroyed) settle('cut-off');
  });
}

async function fromStream(request: Request, limitBytes: number): Promise<Buffer | BodyFailure> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  const stream: AsyncIterable<Uint8Array> | null = request.body;
  if (stream === null) return Buffer.alloc(0);
  for await (const chunk of stream) {
    octets += chunk.length;
    if (octets > limitBytes) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, octets);
}

// RFC 8259 §8.1: JSON between systems is UTF-8; a byte order mark may be ignored.
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The value of a JSON text; undefined: it is none. */
export function jsonOf(bytes: Buffer): unknown {
  try {
    const parsed: unknown = JSON.parse(utf8.decode(bytes));
    return parsed;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
