export type * from './api/api-values.ts';
export { createClient } from './api/client.ts';
export type { TodokuClient } from './api/client.ts';
export { TodokuError } from './request.ts';
export type { CallOptions, ClientOptions, ProblemDetails, RequestBody } from './request.ts';
