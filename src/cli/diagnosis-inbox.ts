/** An address that a mail may be sent to, to have it looked at; `id`: of `todoku check result`. */
export type DiagnosisInbox = { readonly address: string; readonly id: string };
