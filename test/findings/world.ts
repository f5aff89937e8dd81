import type { Finding } from '../../src/findings/index.ts';

/** A world in which a check finds exactly one thing; `healthy`: what its finding says when nothing is wrong. */
export type BrokenWorld = {
  readonly id: string;
  readonly what: string;
  readonly look: () => Promise<readonly Finding[]>;
};

/** Everything but what is in order or only worth knowing besides. */
export function faultsOf(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ severity }) => severity !== 'ok').map(({ id }) => id);
}
