import { suppressionKey } from '../../contacts/index.ts';

/** What finds the messages to an address: 32 bits of its key. Several addresses can share a tag; compare the keys too. */
export function addressTag(address: string): number {
  // FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): any spread will do, strangers gain nothing from collisions
  // but a few more rows to compare.
  const key = suppressionKey(address);
  let tag = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) {
    tag ^= key.charCodeAt(at);
    tag = Math.imul(tag, 0x01000193);
  }
  return tag >>> 0;
}
