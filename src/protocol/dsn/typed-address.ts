// RFC 6533 §3: QCHAR, what stands for itself in utf-8-addr-xtext.
const plain = /^[\u0021-\u002a\u002c-\u003c\u003e-\u005b\u005d-\u007e]$/;

/** `rfc822;a@b`, or in seven bits what has other characters: `utf-8;\x{3042}@b` (RFC 6533 §3). */
export function typedAddress(address: string): string {
  if (/^[\u0021-\u007e]*$/.test(address)) return `rfc822;${address}`;
  const encoded = Array.from(address, (character) =>
    plain.test(character) ? character : `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  );
  return `utf-8;${encoded.join('')}`;
}

/** An address type with its value as it was given in ORCPT, decoded (RFC 3461 §4.2); null: it cannot stand in a field. */
export function typedOriginal(original: string): string | null {
  const match = /^([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,30});(.{1,500})$/su.exec(original);
  if (match === null) return null;
  const [, type = '', value = ''] = match;
  const isAscii = /^[\u0020-\u007e]*$/.test(value);
  if (isAscii) return `${type};${value}`;
  return type.toLowerCase() === 'utf-8' || type.toLowerCase() === 'rfc822' ? typedAddress(value) : null;
}
