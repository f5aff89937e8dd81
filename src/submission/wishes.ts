import type { Stream } from '../events/index.ts';
import { valueOf } from './header-block.ts';
import type { HeaderLine } from './header-block.ts';

const mostTags = 10;
const longestTagCharacters = 50;

/** `Todoku-Tags: order, shop-3`: what the mail is found by later. */
export function tagsOf(fields: readonly HeaderLine[]): readonly string[] {
  const field = fields.find(({ name }) => name === 'todoku-tags');
  if (field === undefined) return [];
  const tags = valueOf(field)
    .split(',')
    .map((tag) => tag.trim().slice(0, longestTagCharacters).toWellFormed())
    .filter((tag) => tag !== '');
  return [...new Set(tags)].slice(0, mostTags);
}

/**
 * `Todoku-Stream: bulk` says it; else what has the marks of a mailing (RFC 2369, RFC 2919, Precedence) must not overtake
 * somebody's password reset.
 */
export function streamOf(fields: readonly HeaderLine[]): Stream {
  const value = (name: string): string | null => {
    const field = fields.find((each) => each.name === name);
    return field === undefined ? null : valueOf(field).toLowerCase();
  };
  const said = value('todoku-stream');
  if (said === 'bulk' || said === 'transactional') return said;
  const isBulk =
    value('list-unsubscribe') !== null ||
    value('list-id') !== null ||
    /^(?:bulk|list|junk)$/.test(value('precedence') ?? '');
  return isBulk ? 'bulk' : 'transactional';
}
