// Changes such as transport, software and malice make: one or several at places that the seed decides.

/** A generator of numbers from 0 to below 1 that the seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `bytes`, changed at one to eight places; `pieces` are what may be put in. */
export function mutate(bytes: Uint8Array, random: () => number, pieces: readonly Uint8Array[]): Uint8Array {
  let changed: Uint8Array = Uint8Array.from(bytes);
  const times = 1 + Math.floor(random() * 8);
  for (let time = 0; time < times; time += 1) changed = changeOnce(changed, random, pieces);
  return changed;
}

function changeOnce(bytes: Uint8Array, random: () => number, pieces: readonly Uint8Array[]): Uint8Array {
  const at = Math.floor(random() * (bytes.length + 1));
  const length = Math.floor(random() ** 4 * bytes.length);
  switch (Math.floor(random() * 6)) {
    case 0: {
      if (at < bytes.length) bytes[at] = Math.floor(random() * 256);
      return bytes;
    }
    case 1:
      return join(bytes.subarray(0, at), bytes.subarray(at + length));
    case 2:
      return join(bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at));
    case 3:
      return bytes.subarray(0, at);
    case 4: {
      const from = Math.floor(random() * bytes.length);
      return join(bytes.subarray(0, at), bytes.subarray(from, from + length), bytes.subarray(at));
    }
    default: {
      const piece = pieces[Math.floor(random() * pieces.length)] ?? new Uint8Array();
      const count = random() < 0.05 ? 2_000 : 1;
      return join(bytes.subarray(0, at), ...Array.from({ length: count }, () => piece), bytes.subarray(at));
    }
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
