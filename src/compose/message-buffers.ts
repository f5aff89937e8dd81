// An ArrayBuffer of 40 KB costs 5 µs to make and to collect, as much as encoding 20 KB; taken back and used again it costs
// 0.4 µs (bench of 2026-11). Slabs of 128 KB to 4 MB cost as much as single ones. Below 16 KB there is nothing to gain.
const smallestOctets = 16_384;
const largestOctets = 262_144;
// Capacities in steps, so that messages of one campaign fit into one another's buffers.
const stepOctets = 8_192;
// Twice the messages that one engine has ready; the rest is left to the garbage collector.
const keptBuffers = 64;

const free: ArrayBuffer[] = [];
// Only what was lent and not yet given back is taken, so that no buffer holds two messages.
const lent = new WeakSet<ArrayBufferLike>();

/** A buffer for one message, its octets undefined. */
export function messageBuffer(octets: number): Buffer {
  if (octets < smallestOctets || octets > largestOctets) return Buffer.allocUnsafe(octets);
  const last = free.pop();
  const fits = last !== undefined && last.byteLength >= octets;
  const memory = fits ? last : new ArrayBuffer(Math.ceil(octets / stepOctets) * stepOctets);
  lent.add(memory);
  return Buffer.from(memory, 0, octets);
}

/**
 * Gives the bytes of a message back that nobody reads any more: after the server's final reply. May be left out; a second time
 * does nothing. Reading the bytes afterwards shows another message.
 */
export function recycleMessage(bytes: Buffer): void {
  const memory = bytes.buffer;
  if (!lent.delete(memory) || !(memory instanceof ArrayBuffer) || free.length >= keptBuffers) return;
  free.push(memory);
}
