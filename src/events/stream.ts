/**
 * What kind of sending a message belongs to. `transactional`: one person waits for it (a password reset, a receipt); it
 * overtakes everything that is `bulk`.
 */
export type Stream = 'transactional' | 'bulk';
