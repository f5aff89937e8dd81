/**
 * Where each element of an aggregate report belongs (RFC 9990 appendix A). With it a forgotten end tag is put back where it
 * was meant: nothing else that is open may stand between an element and its parent.
 */
const parents: ReadonlyMap<string, string> = new Map([
  ['report_metadata', 'feedback'],
  ['policy_published', 'feedback'],
  ['record', 'feedback'],
  ['date_range', 'report_metadata'],
  ['row', 'record'],
  ['identifiers', 'record'],
  ['identities', 'record'],
  ['auth_results', 'record'],
  ['policy_evaluated', 'row'],
]);

/** Elements that hold text only. */
const leaves: ReadonlySet<string> = new Set(
  (
    'version org_name email extra_contact_info report_id error generator begin end ' +
    'domain version_published adkim aspf p sp np pct fo testing discovery_method ' +
    'source_ip count disposition type comment header_from envelope_from envelope_to selector scope result human_result'
  ).split(' '),
);

/** How many of the open elements (outermost first) stay open when `name` begins. */
export function depthForOpening(name: string, open: readonly string[]): number {
  const parent = parents.get(name);
  const place = parent === undefined ? -1 : open.lastIndexOf(parent);
  if (place >= 0) return place + 1;
  // Extensions may nest what they like.
  if (open.includes('extension')) return open.length;
  // Nothing in a report nests within its like.
  const like = open.lastIndexOf(name);
  if (like >= 0 && (parent !== undefined || leaves.has(name))) return like;
  return leaves.has(open.at(-1) ?? '') ? open.length - 1 : open.length;
}

/** Name of an element without its prefix, in lower case, words joined by `_`. */
export function plainName(name: string): string {
  return name
    .slice(name.lastIndexOf(':') + 1)
    .toLowerCase()
    .replaceAll('-', '_');
}

const branches: ReadonlySet<string> = new Set([
  'feedback',
  'dkim',
  'spf',
  'reason',
  'extensions',
  'extension',
]);

/** The name under which an element is handed on: names that are no report's mean nothing, and could mean harm. */
export function handedName(name: string): string {
  return parents.has(name) || leaves.has(name) || branches.has(name) ? name : 'other';
}
