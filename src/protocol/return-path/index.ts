export { makeReturnPath, readReturnPath } from './return-path.ts';
export type { ReturnPathParts, ReturnPathReading } from './return-path.ts';
export type { OpenedId, SealKey } from './sealed-id.ts';
export { makeToken, readToken } from './token.ts';
export type { TokenParts, TokenPurpose } from './token.ts';
