import { hash, randomBytes } from 'node:crypto';

export type AddressSet = {
  /** Takes a `suppressionKey`; answers the line on which it was first seen, or null when it is new. */
  add(key: string, line: number): number | null;
  readonly size: number;
  readonly memoryBytes: number;
};

// Three 32-bit words a slot: 64 bits of hash, and the line.
const wordsPerSlot = 3;
// Linear probing slows down quickly beyond three quarters.
const fullAt = 0.75;

/**
 * Which addresses were seen, without keeping them: 12 bytes a slot, so 24 MB for 1,000,000 addresses where a Set of
 * strings took over 100 MB. Two addresses share a 64-bit hash with probability n²/2⁶⁵: 3 in 10⁸ for a list of 1,000,000;
 * the second would then be reported as a duplicate, never silently dropped. The salt keeps a stranger who can put
 * addresses on a list from choosing a pair that collides.
 */
export function addressSet(salt: string = randomBytes(16).toString('hex')): AddressSet {
  let capacity = 1024; // a power of two, so that a mask finds the slot
  let slots = new Uint32Array(capacity * wordsPerSlot);
  let size = 0;

  /** Offset of the slot that holds the hash, or of the free one where it belongs. A free slot has line 0. */
  function find(high: number, low: number): number {
    for (let index = low & (capacity - 1); ; index = (index + 1) & (capacity - 1)) {
      const at = index * wordsPerSlot;
      if (slots[at + 2] === 0 || (slots[at] === high && slots[at + 1] === low)) return at;
    }
  }

  function grow(): void {
    const old = slots;
    capacity *= 2;
    slots = new Uint32Array(capacity * wordsPerSlot);
    for (let at = 0; at < old.length; at += wordsPerSlot) {
      const line = old[at + 2] ?? 0;
      if (line === 0) continue;
      const high = old[at] ?? 0;
      const low = old[at + 1] ?? 0;
      slots.set([high, low, line], find(high, low));
    }
  }

  return {
    add(key, line) {
      // SHA-256 from OpenSSL, cut to 64 bits: 0.6 µs, no own mixing function to trust.
      const digest = hash('sha256', salt + key, 'hex');
      const high = Number.parseInt(digest.slice(0, 8), 16);
      const low = Number.parseInt(digest.slice(8, 16), 16);
      const at = find(high, low);
      const first = slots[at + 2] ?? 0;
      if (first !== 0) return first;
      slots.set([high, low, line], at);
      size += 1;
      if (size > capacity * fullAt) grow();
      return null;
    },
    get size() {
      return size;
    },
    get memoryBytes() {
      return slots.byteLength;
    },
  };
}
