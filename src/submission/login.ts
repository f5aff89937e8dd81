import type { SMTPServerAuthentication, SMTPServerSession } from 'smtp-server';
import { allows } from '../access/index.ts';
import type { AccessKey, Gate } from '../access/index.ts';
import type { Refusal } from '../net/smtp-server/index.ts';
import type { LoginAttempt } from './login-guard.ts';
import { refusals } from './refusals.ts';

/** A login as it stands in a session; the token is asked for again at each mail, so that revoking acts at once. */
export type Login = { readonly key: AccessKey; readonly token: string };

export type LoginAnswer =
  | { readonly ok: true; readonly login: Login }
  | { readonly ok: false; readonly refusal: Refusal };

/** Whom an attempt is counted for: the key that the password names, proved or not. */
export function attemptOf(auth: SMTPServerAuthentication, session: SMTPServerSession): LoginAttempt {
  const name = /^tdk_(k-[0-9a-z-]{1,20})_/.exec(auth.password ?? '')?.[1] ?? '';
  return { address: session.remoteAddress, name };
}

/** The user name is for people: the password alone tells whose it is. */
export function logIn(gate: Gate, auth: SMTPServerAuthentication): LoginAnswer {
  const token = auth.password ?? '';
  const key = gate.check(token);
  if (key === null) return { ok: false, refusal: refusals.wrongLogin };
  if (!allows(key, 'messages:send')) return { ok: false, refusal: refusals.lacksScope };
  return { ok: true, login: { key, token } };
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
