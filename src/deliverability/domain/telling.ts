import type { Finding, FindingParts } from '../../findings/index.ts';
import type { DomainTools } from './domain-tools.ts';

/** Collects the findings of one part of a check, about one subject. */
export type Telling = {
  readonly found: Finding[];
  readonly tell: (id: string, evidence: string, more?: Omit<FindingParts, 'subject' | 'evidence'>) => void;
};

export function tellingOf(subject: string, { finding }: Pick<DomainTools, 'finding'>): Telling {
  const found: Finding[] = [];
  return {
    found,
    tell: (id, evidence, more) => void found.push(finding(id, { subject, evidence, ...more })),
  };
}

/** One line for what a failed question gave. */
export function silenceText(
  name: string,
  answer: { readonly cause: string; readonly server: string },
): string {
  return `${name}: ${answer.cause} (${answer.server})`;
}
