/** A reply to a client that is no success: code, RFC 3463 status, one line. */
export type Refusal = { readonly code: number; readonly text: string };

/** What every server of ours says in the same words. */
export const serverRefusals = {
  tooManyConnections: { code: 421, text: '4.7.0 Too many connections, try again later' },
  tooManyOfClient: { code: 421, text: '4.7.0 Too many connections from your address, try again later' },
  tooLong: { code: 421, text: '4.4.2 This session has lasted too long, closing connection' },
  tooLarge: { code: 552, text: '5.3.4 Message too large' },
  noRoom: { code: 452, text: '4.3.1 No room to store the message now, try again later' },
  failed: { code: 451, text: '4.3.0 The message could not be taken now, try again later' },
} as const satisfies Readonly<Record<string, Refusal>>;

/** smtp-server sends `responseCode` and the message of the error that a handler gives it. */
export function refusalError({ code, text }: Refusal): Error & { responseCode: number } {
  return Object.assign(new Error(text), { responseCode: code });
}
