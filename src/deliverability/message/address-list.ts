/** One address of a From, Reply-To or To field, as far as it can be told apart. */
export type ListedAddress = {
  /** The display name, still encoded; empty: none. */
  readonly name: string;
  /** `local@domain`, or whatever stands in its place. */
  readonly address: string;
  /** Lower case; empty: there is none. */
  readonly domain: string;
};

// RFC 5322 §3.2.4, §3.2.2: a quoted string, a comment, an angle address, or anything up to a comma.
const piece = /"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|<[^<>]*>|[^",()<>]+|,|./gsu;

/** Takes an address list (RFC 5322 §3.4) apart; groups lose their name. Never throws. */
export function readAddressList(value: string): readonly ListedAddress[] {
  const groups: string[][] = [[]];
  for (const [text] of value.matchAll(piece)) {
    if (text === ',') groups.push([]);
    else groups.at(-1)?.push(text);
  }
  return groups.map(addressOf).filter(({ name, address }) => name !== '' || address !== '');
}

function addressOf(pieces: readonly string[]): ListedAddress {
  const words = pieces.filter((text) => !text.startsWith('('));
  const angle = words.findLast((text) => text.startsWith('<'));
  const rest = words
    .filter((text) => text !== angle)
    .join('')
    .trim();
  const bare = rest
    .replace(/^[^:"]*:/, '')
    .replace(/;$/, '')
    .trim();
  const address = (angle === undefined ? bare : angle.slice(1, -1)).trim();
  const name =
    angle === undefined
      ? ''
      : rest
          .replaceAll(/(?<!\\)"/g, '')
          .replaceAll(/\\(.)/g, '$1')
          .trim();
  const at = address.lastIndexOf('@');
  return { name, address, domain: at < 0 ? '' : address.slice(at + 1).toLowerCase() };
}
