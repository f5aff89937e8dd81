import type { PasswordPolicy } from './services.ts';

/** Who signs in. The password lives as long as the check: it is never stored, logged or shown. */
export type Account = {
  /** null: only servers were named. */
  readonly address: string | null;
  readonly user: string;
  /** null: looked at without signing in. */
  readonly password: string | null;
  readonly policy: PasswordPolicy;
};
