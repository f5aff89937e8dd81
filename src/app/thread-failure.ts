import { AppError } from '../base/index.ts';
import type { AppErrorFacts } from '../base/index.ts';

/**
 * What made a carrier fail, on its way between threads: a clone keeps nothing of an error's class, and one that is
 * meant for a person would arrive as a bug.
 */
export type ThreadFailure =
  | { readonly kind: 'told'; readonly facts: AppErrorFacts }
  | { readonly kind: 'fault'; readonly error: unknown };

export function packFailure(error: unknown): ThreadFailure {
  if (!(error instanceof AppError)) return { kind: 'fault', error };
  const { code, text, hint, exitCode, cause } = error;
  const facts = { code, message: text, exitCode, cause };
  return { kind: 'told', facts: hint === undefined ? facts : { ...facts, hint } };
}

export function unpackFailure(failure: ThreadFailure): unknown {
  if (failure.kind === 'fault') return failure.error;
  const { facts } = failure;
  return new AppError({ ...facts, code: facts.code });
}
