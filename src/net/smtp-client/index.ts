export type {
  Dial,
  DialOptions,
  DialResult,
  Extensions,
  SmtpFailure,
  SmtpSession,
  SmtpTimeouts,
  Suspect,
  Transaction,
  TransactionResult,
} from './contract.ts';
export type { TlsProof } from './peer-proof.ts';
export { dial } from './dial.ts';
export { isLocalAddress } from './local-address.ts';
export { defaultTimeouts } from './timeouts.ts';
