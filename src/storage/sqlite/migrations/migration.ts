/**
 * One step of the schema. Never changed once released; a mend is a new one.
 *
 * They are strings in .ts files, not .sql files, so that the compiler carries them into the published `dist/`: with
 * .sql a build step of its own could forget them, and the first to see it would be a user.
 */
export type Migration = {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  /** true: what it does to rows that exist cannot be taken back; the release notes say to copy the folder first. */
  readonly breaking: boolean;
  readonly sql: string;
};
