import type { Accepted, AcceptFailure, Outbox } from '../outbox/index.ts';
import type { MadeMails } from './mail-request.ts';

/** What became of one request: the answer for its first mail, and the names of the others. */
export type HandedOver = { readonly first: Accepted; readonly parts: readonly string[] };

/** Hands over the mails of all requests or of none; what was stored for mails that nobody needs is taken back. */
export async function handOver(
  outbox: Outbox,
  made: readonly MadeMails[],
): Promise<readonly HandedOver[] | AcceptFailure> {
  const discardAll = async (): Promise<void> => {
    await Promise.all(made.map(async (each) => await each.discard()));
  };
  const accepted = await accept(outbox, made).catch(async (error: unknown) => {
    await discardAll();
    throw error;
  });
  if ('kind' in accepted) {
    await discardAll();
    return accepted;
  }
  let at = 0;
  const answers: HandedOver[] = [];
  for (const each of made) {
    const [first, ...others] = accepted.slice(at, at + each.mails.length);
    at += each.mails.length;
    if (first === undefined) throw new Error('the outbox answered for fewer mails than it was given');
    // An earlier request has links of its own.
    if (first.repeated) await each.discard();
    answers.push({ first, parts: others.map(({ id }) => id) });
  }
  return answers;
}

async function accept(
  outbox: Outbox,
  made: readonly MadeMails[],
): Promise<readonly Accepted[] | AcceptFailure> {
  const all = made.flatMap(({ mails }) => mails);
  const [only] = all;
  if (only === undefined || all.length > 1) return await outbox.acceptAll(all);
  const accepted = await outbox.accept(only);
  return accepted.kind === 'accepted' ? [accepted] : accepted;
}
