export { canonicalBody } from './canonical-body.ts';
export { canonicalField, prepareField } from './canonical-header.ts';
export type { RawField } from './canonical-header.ts';
export { bodyHash, sign } from './sign.ts';
export type { Signable, SignatureField } from './sign.ts';
export { createSigner, publicKeyRecord } from './signer.ts';
export type { DkimAlgorithm, Signer, SignerOptions } from './signer.ts';
