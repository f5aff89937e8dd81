import type { CheckAnswer } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { checkBlocklists } from '../deliverability/index.ts';
import type { Finding } from '../findings/index.ts';
import { blocklistsInUse } from './blocklists-in-use.ts';
import { withCheckTools } from './check-tools.ts';
import type { CheckParts } from './check-tools.ts';
import { inTurn } from './in-turn.ts';

// Some twenty questions each: what the resolver asks at once (256), so that none waits for its turn until its time is up.
export const mostSubjectsAtOnce = 12;

/** What lists are asked about when nothing is named: our own sources and domains. */
export function ownSubjects({ sources, domains }: Config): readonly string[] {
  return [...new Set([...sources.map(({ ip }) => ip), ...domains.map(({ name }) => name)])];
}

/** Each subject by itself, several at once; none given: our own. `onAnswer`: lists that have answered so far. */
export async function checkListings(
  parts: CheckParts,
  given: readonly string[],
  onAnswer: (answers: number) => void,
): Promise<CheckAnswer> {
  const subjects = given.length > 0 ? [...new Set(given)] : ownSubjects(parts.config);
  const lists = blocklistsInUse(parts.config);
  return await withCheckTools(parts, async (tools) => {
    let answers = 0;
    const listTools = { ...tools, lists, onAnswer: () => onAnswer((answers += 1)) };
    const look = (subject: string): Promise<readonly Finding[]> => checkBlocklists(subject, listTools);
    const found = await inTurn(subjects, mostSubjectsAtOnce, look);
    return { subject: subjects.join(', '), findings: found.flat() };
  });
}
