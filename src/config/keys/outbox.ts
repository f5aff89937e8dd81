import type { SectionKeys } from '../key-description.ts';
import { integer, size } from '../scalar-types.ts';

const megabyte = 1_000_000;

/** What applications hand over: how long its bytes are kept, and what of the disk it may not use. */
export const outboxKeys: SectionKeys<'outbox'> = {
  'outbox.retentionDays': {
    type: integer({ min: 0, max: 3_650 }),
    // A week: who asks what was in a mail does so when it did not arrive.
    default: 7,
    doc: {
      en: 'Days for which the contents of applications’ mail are kept after its last message has ended; 0: ten minutes. What happened to it stays on record.',
      ja: 'アプリケーションのメールの中身を、結果が出てから保管する日数。0 なら 10 分。何が起きたかの記録は残ります。',
    },
    applies: 'restart',
  },
  'outbox.freeDiskBytes': {
    type: size({ minBytes: 0, maxBytes: 1_000_000 * megabyte }),
    // The record of a million deliveries takes 400 MB; what was accepted must be able to go out and be written down.
    default: 500 * megabyte,
    doc: {
      en: 'Applications’ mail is refused for now (HTTP 507, SMTP 452) while less than this is free on the disk of the data folder.',
      ja: 'データフォルダーのディスクの空きがこれを下回る間、アプリケーションのメールを一時的に断ります（HTTP 507、SMTP 452）。',
    },
    applies: 'restart',
  },
};
