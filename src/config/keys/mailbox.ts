import { nameServer } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf } from '../list-types.ts';

export const mailboxKeys: SectionKeys<'mailbox'> = {
  'mailbox.anchors': {
    type: listOf(nameServer),
    // Public resolvers of three operators, on the port that no line blocks; connected to, and told nothing.
    default: [
      { host: '1.1.1.1', port: 443 },
      { host: '8.8.8.8', port: 443 },
      { host: '9.9.9.9', port: 443 },
    ],
    doc: {
      en: 'Places that answer whenever there is a network; `check mailbox` connects to them when it reaches no mail server at all.',
      ja: 'ネットワークがあれば必ず応答する宛先。`check mailbox` がメールサーバーにまったく届かないときに接続して確かめます。',
    },
    applies: 'restart',
  },
};
