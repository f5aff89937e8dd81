import { Agent, request } from 'node:http';
import { createTransport } from 'nodemailer';

/** What became of one submission: an id, a refusal's status, or nobody knows since the connection broke. */
export type Submitted =
  | { readonly kind: 'accepted'; readonly id: string; readonly repeated: boolean }
  | { readonly kind: 'refused'; readonly status: number; readonly body: string }
  | { readonly kind: 'unknown' };

/** A client of one door. */
export type Submitter = {
  submit(to: string, key: string): Promise<Submitted>;
  close(): void;
};

/** Hands over small mails by `POST /v1/messages` over kept connections. */
export function httpSubmitter(port: number, token: string, connections: number): Submitter {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    submit: (to, key) =>
      new Promise((resolve) => {
        const body = JSON.stringify({
          from: 'Shop <orders@news.example>',
          to,
          subject: `Order ${key}`,
          text: `Thank you for order ${key}.\n`,
        });
        const outgoing = request(
          {
            agent,
            host: '127.0.0.1',
            port,
            path: '/v1/messages',
            method: 'POST',
            headers: {
              authorization: `Bearer ${token}`,
              'content-type': 'application/json',
              'idempotency-key': key,
              'content-length': Buffer.byteLength(body),
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', () => resolve({ kind: 'unknown' }));
            response.on('end', () =>
              resolve(read(response.statusCode ?? 0, Buffer.concat(chunks).toString())),
            );
          },
        );
        // Killed in the middle: it may have been accepted.
        outgoing.on('error', () => resolve({ kind: 'unknown' }));
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function read(status: number, body: string): Submitted {
  if (status !== 202 && status !== 200) return { kind: 'refused', status, body };
  const { id, repeated } = JSON.parse(body) as { id: string; repeated?: boolean };
  return { kind: 'accepted', id, repeated: repeated === true };
}

/** Hands over small mails by SMTP, with a login, over kept connections; the id is the Message-ID that the mail has. */
export function smtpSubmitter(port: number, token: string, connections: number): Submitter {
  const transport = createTransport({
    pool: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    auth: { user: 'shop', pass: token },
  });
  return {
    async submit(to, key) {
      try {
        const { messageId } = await transport.sendMail({
          from: 'Shop <orders@news.example>',
          to,
          subject: `Order ${key}`,
          text: `Thank you for order ${key}.\n`,
        });
        return { kind: 'accepted', id: messageId, repeated: false };
      } catch (error) {
        const status = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
        // A server that is killed says nothing: the mail may have been accepted.
        return status >= 400 ? { kind: 'refused', status, body: String(error) } : { kind: 'unknown' };
      }
    },
    close: () => transport.close(),
  };
}
