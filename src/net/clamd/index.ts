export { scanWithClamd } from './clamd.ts';
export type { ClamdPlace, ClamdReply } from './clamd.ts';
