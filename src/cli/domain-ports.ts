import type { Bilingual } from '../base/index.ts';
import type { KeyRotation, PlannedRecord, RotationStep, RuleVerdict } from '../deliverability/index.ts';
import type { CheckAnswer } from './check-answer.ts';

/** What `todoku check domain` is asked. Empty lists: as configured. */
export type DomainRequest = {
  /** A-labels in lower case. */
  readonly domain: string;
  readonly ips: readonly string[];
  readonly selectors: readonly string[];
};

/** The answer of `todoku check domain`; `rules`: by provider, each with the provider's name. */
export type DomainAnswer = CheckAnswer & {
  readonly rules: readonly (RuleVerdict & { readonly name: Bilingual })[];
};

/** The answer of `todoku domain verify`. */
export type DomainVerification = {
  readonly domain: string;
  readonly returnPath: string;
  readonly verified: boolean;
  /** DKIM keys that we have for it. */
  readonly keys: number;
  readonly records: readonly PlannedRecord[];
};

/** The answer of `todoku domain setup`. */
export type DomainSetup = Pick<DomainVerification, 'domain' | 'returnPath' | 'records'> & {
  readonly keys: readonly {
    readonly selector: string;
    readonly algorithm: string;
    /** Of the private key. */
    readonly file: string;
    /** By this call. */
    readonly made: boolean;
  }[];
  /** The records as lines of a zone file. */
  readonly zone: string;
  /** What the configuration lacks; null: nothing. */
  readonly configuration: string | null;
};

/** The answer of `todoku domain rotate`. */
export type RotationAnswer = {
  readonly domain: string;
  readonly rotation: KeyRotation;
  readonly step: RotationStep;
  readonly publish: { readonly name: string; readonly value: string };
  readonly revoke: readonly { readonly name: string; readonly value: string }[];
  /** The entry of the domain as it is to stand in todoku.yaml. */
  readonly configuration: string;
};
