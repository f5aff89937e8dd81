/** A reply to a client that is no success: code, RFC 3463 status, one line. */
export type Refusal = { readonly code: number; readonly text: string };

/** smtp-server sends `responseCode` and the message of the error that a handler gives it. */
export function refusalError({ code, text }: Refusal): Error & { responseCode: number } {
  return Object.assign(new Error(text), { responseCode: code });
}
