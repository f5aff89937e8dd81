/** A header field as it stands in a message. `HeaderField` of protocol/message is one; a parsed submission gives others. */
export type RawField = {
  readonly name: string;
  /** `Name: value` with its folds, without the final CRLF. */
  readonly line: string;
  /** What `canonicalField` makes of it, for a field that stands in many messages. */
  readonly canonical?: string;
};

/** A field with its relaxed form made once. */
export function prepareField<F extends RawField>(field: F): F & { readonly canonical: string } {
  return { ...field, canonical: canonicalField(field) };
}

/** RFC 6376 §3.4.2, relaxed: name in lower case, unfolded, runs of white space as one space, none at the ends. */
export function canonicalField(field: RawField): string {
  if (field.canonical !== undefined) return field.canonical;
  const value = field.line.slice(field.line.indexOf(':') + 1);
  return `${field.name.toLowerCase()}:${relaxedValue(value)}`;
}

function relaxedValue(value: string): string {
  // Most fields of ours have one leading space and nothing else to do.
  const simple =
    !value.includes('\r') && !value.includes('\t') && !value.includes('  ') && !value.includes('\n');
  if (simple) return trimSpace(value);
  return trimSpace(value.replaceAll(/\r?\n/g, '').replaceAll(/[ \t]+/g, ' '));
}

/** Only SP: `trim` would also take U+3000 and others, which are not WSP. */
function trimSpace(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && value.charCodeAt(start) === 0x20) start += 1;
  while (end > start && value.charCodeAt(end - 1) === 0x20) end -= 1;
  return value.slice(start, end);
}
