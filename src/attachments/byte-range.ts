/** Octets of a representation, both ends included (RFC 9110 §14.1.2). */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * What a Range header asks for of `octets`: one range; `whole` where there is none, or one that may be ignored (RFC 9110 §14.2: an
 * unknown unit, a broken one, several); `unsatisfiable` for 416.
 */
export function readRange(header: string | null, octets: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (match === null || (first === '' && last === '')) return 'whole';
  if (first === '') {
    // The last so many octets.
    const suffix = Number(last);
    return suffix === 0 || octets === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, octets - suffix), end: octets - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= octets) return 'unsatisfiable';
  return { start, end: last === '' ? octets - 1 : Math.min(Number(last), octets - 1) };
}
