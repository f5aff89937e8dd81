import type { SmtpFailure } from '../../src/net/smtp-client/index.ts';

/** The greeting of a server that has enough of us. */
export const tooFast: SmtpFailure = {
  origin: 'remote',
  stage: 'banner',
  reply: { code: 421, status: null, lines: ['too many connections'] },
};
