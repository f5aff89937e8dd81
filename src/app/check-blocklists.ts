import { isIP } from 'node:net';
import type { CheckAnswer } from '../cli/index.ts';
import { checkBlocklists, loadBlocklists } from '../deliverability/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import { withCheckTools } from './check-tools.ts';
import type { CheckParts } from './check-tools.ts';

/** Each subject by itself, all at once; none given: our own sources and domains. */
export async function checkListings(parts: CheckParts, given: readonly string[]): Promise<CheckAnswer> {
  const { sources, domains } = parts.config;
  const own = [...sources.map(({ ip }) => ip), ...domains.map(({ name }) => name)];
  const subjects = given.length > 0 ? given : own;
  const lists = loadBlocklists(defaultKnowledgeFolder()).living;
  return await withCheckTools(parts, async (tools) => {
    const found = await Promise.all(
      subjects.map((subject) =>
        checkBlocklists(isIP(subject) === 0 ? subject.toLowerCase() : subject, { ...tools, lists }),
      ),
    );
    return { subject: subjects.join(', '), findings: found.flat() };
  });
}
