/** A Content-Type (RFC 2045 §5.1), leniently read. */
export type ContentType = {
  /** `type/subtype` in lower case; empty when there is none or it cannot be read. */
  readonly mediaType: string;
  readonly parameters: ReadonlyMap<string, string>;
};

const none: ContentType = { mediaType: '', parameters: new Map() };

// A parameter: a quoted string whose closing quote may be missing, or anything up to the next separator.
const parameter = /;\s*([\w*.-]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;"]*))/g;

/** Reads `text/plain; charset="utf-8"`; RFC 2231 continuations are joined. Never throws. */
export function readContentType(value: string | null): ContentType {
  if (value === null) return none;
  // RFC 2045 §5.1 allows comments; they are rare enough to be dropped wherever no quote precedes them.
  const plain = value.includes('(') && !value.includes('"') ? value.replaceAll(/\([^()]*\)/g, '') : value;
  const type = /^\s*([\w!#$&^.+-]{1,80}\/[\w!#$&^.+-]{1,120})/.exec(plain)?.[1];
  const parameters = new Map<string, string>();
  for (const [, name, quoted, bare] of plain.matchAll(parameter)) {
    const key = (name ?? '').toLowerCase();
    const text = quoted === undefined ? (bare ?? '').trim() : quoted.replaceAll(/\\(.)/g, '$1');
    const base = key.replace(/\*.*$/, '');
    // RFC 2231 §3: name*0, name*1 … continue one value; §4: name* is extended with a charset, which nothing here needs.
    if (base === key) {
      if (!parameters.has(key)) parameters.set(key, text);
    } else parameters.set(base, (parameters.get(base) ?? '') + text);
  }
  return { mediaType: type?.toLowerCase() ?? '', parameters };
}
