import { normaliseAddress } from '../../contacts/index.ts';
import type { InboxPage } from '../../inbox/index.ts';
import type { Command } from '../command.ts';

type Message = InboxPage['messages'][number];

// One read of the store.
const pageLength = 500;

/** `todoku inbox list`: what test mode has captured, newest first; JSON lines with --json. */
export const inboxList: Command = {
  name: 'inbox list',
  summary: {
    ja: 'テストモードで取り置いたメールを一覧する',
    en: 'list the mail that test mode has captured',
  },
  options: [
    {
      flags: '--to <address>',
      doc: { ja: 'この宛先だけ', en: 'only to this address' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const inbox = product.inbox();
      const to = input.option('to');
      const read = to === undefined ? null : normaliseAddress(to);
      // What is no address stands in no mail: nothing is found, as for any other that got none.
      const address = read === null ? null : read.ok ? read.text : (to ?? '');
      const filter = { domains: null, address };
      let shown = 0;
      for (let cursor: string | null = null, more = true; more && !context.output.closed.aborted;) {
        const page = inbox.list(filter, { limit: pageLength, cursor });
        for (const message of page.messages) {
          if (context.json) context.output.printJson(plain(message));
          else context.output.print(line(message));
        }
        shown += page.messages.length;
        cursor = page.next;
        more = cursor !== null;
      }
      if (shown === 0 && !context.json)
        context.output.note(
          context.say({
            ja: '取り置いたメールはありません（sandbox のキーやドメインから送ると、ここに入ります）',
            en: 'nothing was captured (mail of a key or domain with sandbox comes here)',
          }),
        );
      return Promise.resolve(0);
    }),
};

function plain({ id, mail, author, address, subject, domain, tags, metadata, createdMs }: Message): unknown {
  const createdAt = new Date(createdMs).toISOString();
  return { id, mail, from: author, to: address, subject, domain, tags, metadata, createdAt };
}

function line({ id, createdMs, author, address, subject }: Message): string {
  // Controls of a subject could move the cursor of a terminal.
  const safe = subject.replace(/\p{Cc}+/gu, ' ');
  return [id, new Date(createdMs).toISOString(), author, address, safe].join('\t');
}
