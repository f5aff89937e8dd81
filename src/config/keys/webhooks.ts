import { addressRange } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf } from '../list-types.ts';

/** Events that go out to applications. */
export const webhookKeys: SectionKeys<'webhooks'> = {
  'webhooks.allowPrivate': {
    type: listOf(addressRange),
    default: [],
    doc: {
      en: 'Address ranges (`10.1.2.0/24`, `::1`) that webhooks may go to although they are not on the public internet; `http://` is allowed there alone. Whoever may make webhooks can reach everything in them.',
      ja: '公開インターネット上にないアドレスのうち、Webhook の送信を許す範囲（`10.1.2.0/24`、`::1`）。`http://` もここだけで使えます。Webhook を作れる人は、この範囲のすべてに到達できます。',
    },
    applies: 'restart',
  },
};
