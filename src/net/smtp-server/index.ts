export { clientName, createClientLimits } from './client-limits.ts';
export type { ClientLimitOptions, ClientLimits } from './client-limits.ts';
export { listenFailure } from './listen-failure.ts';
export type { ListenPlace } from './listen-failure.ts';
export { refusalError, serverRefusals } from './refusal.ts';
export type { Refusal } from './refusal.ts';
