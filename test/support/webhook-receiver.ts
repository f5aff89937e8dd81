import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** One request as it came. */
export type ReceivedPost = {
  readonly id: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly type: string;
  readonly message: string;
};

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
};

export type WebhookReceiver = {
  readonly url: string;
  readonly port: number;
  readonly posts: readonly ReceivedPost[];
  /** Requests that are being answered at this moment, at most. */
  readonly mostAtATime: number;
  /** When so many posts have come. */
  reached(count: number): Promise<void>;
};

/** A real HTTP server on loopback; `answer` decides, default 204. */
export async function startWebhookReceiver(
  answer: (post: ReceivedPost, at: number) => Answer | Promise<Answer> = () => ({ status: 204 }),
): Promise<WebhookReceiver> {
  const posts: ReceivedPost[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let now = 0;
  let most = 0;
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    now += 1;
    most = Math.max(most, now);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // a request gives buffers
    const post = postOf(request, Buffer.concat(chunks).toString('utf8'));
    posts.push(post);
    for (const each of waiting) if (posts.length >= each.count) each.resolve();
    const { status, headers = {}, text = '' } = await answer(post, posts.length - 1);
    now -= 1;
    response.writeHead(status, headers).end(text);
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // a TCP server has one
  return {
    port,
    url: `http://127.0.0.1:${port}/hook`,
    posts,
    get mostAtATime() {
      return most;
    },
    async reached(count) {
      if (posts.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
    },
  };
}

function postOf(request: IncomingMessage, body: string): ReceivedPost {
  const document = JSON.parse(body) as {
    readonly type: string;
    readonly data: { readonly message?: string };
  };
  const id = String(request.headers['webhook-id']);
  return { id, headers: request.headers, body, type: document.type, message: document.data.message ?? '' };
}
