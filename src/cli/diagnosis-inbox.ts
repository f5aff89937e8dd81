/** An address that a mail may be sent to, to have it looked at. */
export type DiagnosisInbox = {
  readonly address: string;
  /** Of `todoku check result`. */
  readonly id: string;
  /** Private page of the result; null: no pages are served. */
  readonly page: string | null;
};
