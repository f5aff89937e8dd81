import type { Metrics } from '../metrics/index.ts';
import type { NewMail, Outbox } from '../outbox/index.ts';

/** The same outbox; counts what came by HTTP (submission counts its own). A repeated request is no new mail. */
export function countedOutbox(outbox: Outbox, metrics: Metrics): Outbox {
  const count = ({ via, recipients }: Pick<NewMail, 'via' | 'recipients'>): void => {
    if (via === 'http') metrics.count('todoku_messages_accepted_total', { via }, recipients.length);
  };
  return {
    async accept(mail) {
      const answer = await outbox.accept(mail);
      if (answer.kind === 'accepted' && !answer.repeated) count(mail);
      return answer;
    },
    async acceptAll(mails) {
      const answers = await outbox.acceptAll(mails);
      if ('kind' in answers) return answers;
      for (const [index, mail] of mails.entries()) if (answers[index]?.repeated === false) count(mail);
      return answers;
    },
  };
}
