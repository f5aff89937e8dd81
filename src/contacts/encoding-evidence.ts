import { isUtf8 } from 'node:buffer';

/** What the bytes beyond ASCII look like when read as one encoding. */
export type Evidence = {
  /** Sequences that the encoding cannot hold. */
  bad: number;
  /** Weight of what Japanese lists are made of: kana, everyday kanji. */
  likely: number;
  /** Rare characters: a sign that other bytes were meant. */
  unlikely: number;
};

/** Counts, chunk by chunk, how well bytes read as one encoding. */
export type EvidenceReader = { readonly evidence: Evidence; read(chunk: Uint8Array): void; end(): void };

/** One step of a multi-byte scan: how many bytes were used; 0 asks for more. */
type Step = (bytes: Uint8Array, at: number, evidence: Evidence) => number;

function evidenceReader(step: Step): EvidenceReader {
  const evidence: Evidence = { bad: 0, likely: 0, unlikely: 0 };
  let pending = new Uint8Array(0);
  return {
    evidence,
    read(chunk) {
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      let at = 0;
      while (at < bytes.length) {
        if ((bytes[at] ?? 0) < 0x80) {
          at += 1;
          continue;
        }
        const used = step(bytes, at, evidence);
        if (used === 0) break;
        at += used;
      }
      pending = Uint8Array.from(bytes.subarray(at));
    },
    end() {
      if (pending.length > 0) evidence.bad += 1;
      pending = new Uint8Array(0);
    },
  };
}

const within = (byte: number | undefined, low: number, high: number): boolean =>
  byte !== undefined && byte >= low && byte <= high;

/** CP932: JIS X 0208 shifted, half-width katakana in A1–DF, NEC row 13 at 87, NEC and IBM kanji at ED–EE, FA–FC. */
export function cp932Evidence(): EvidenceReader {
  return evidenceReader((bytes, at, evidence) => {
    const lead = bytes[at] ?? 0;
    if (within(lead, 0xa1, 0xdf)) {
      // One of them is half of what EUC-JP would read as a kanji. The punctuation A1–A5 is rare in names, and is
      // where EUC-JP has its kana.
      if (lead <= 0xa5) evidence.unlikely += 0.5;
      else evidence.likely += 0.5;
      return 1;
    }
    if (!within(lead, 0x81, 0x9f) && !within(lead, 0xe0, 0xfc)) {
      evidence.bad += 1;
      return 1;
    }
    const trail = bytes[at + 1];
    if (trail === undefined) return 0;
    if (!within(trail, 0x40, 0x7e) && !within(trail, 0x80, 0xfc)) {
      evidence.bad += 1;
      return 1;
    }
    // 81–84 punctuation and kana, 87 NEC ①㈱, 88–98 level-1 kanji; FA–FC IBM 髙﨑, usual in names; the rest is rare.
    if (within(lead, 0x81, 0x98) || within(lead, 0xfa, 0xfc)) evidence.likely += 1;
    else evidence.unlikely += 1;
    return 2;
  });
}

/** EUC-JP: pairs A1–FE; 8E + half-width katakana; 8F + JIS X 0212 pair. */
export function eucJpEvidence(): EvidenceReader {
  return evidenceReader((bytes, at, evidence) => {
    const lead = bytes[at] ?? 0;
    const length = lead === 0x8f ? 3 : 2;
    if (lead !== 0x8e && lead !== 0x8f && !within(lead, 0xa1, 0xfe)) {
      evidence.bad += 1;
      return 1;
    }
    if (at + length > bytes.length) return 0;
    for (let i = 1; i < length; i += 1) {
      if (within(bytes[at + i], 0xa1, lead === 0x8e ? 0xdf : 0xfe)) continue;
      evidence.bad += 1;
      return 1;
    }
    // A1–A5 punctuation and kana, AD NEC ①㈱, B0–CF level-1 kanji, 8E half-width. Level 2 (D0–F4) occurs in names, and
    // hardly any CP932 text passes for it by chance; F5–FE is what vendors added.
    if (lead === 0x8e || lead === 0xad || within(lead, 0xa1, 0xa5) || within(lead, 0xb0, 0xcf))
      evidence.likely += 1;
    else evidence.unlikely += within(lead, 0xf5, 0xfe) ? 1 : 0.5;
    return length;
  });
}

// RFC 3629 §4: length of a well-formed sequence by its first byte; 0 for bytes that begin none.
function utf8Length(lead: number): number {
  if (within(lead, 0xc2, 0xdf)) return 2;
  if (within(lead, 0xe0, 0xef)) return 3;
  return within(lead, 0xf0, 0xf4) ? 4 : 0;
}

/** UTF-8 (RFC 3629). Whole chunks that are valid cost next to nothing: node's isUtf8 runs at GB/s. */
export function utf8Evidence(): EvidenceReader {
  return evidenceReader((bytes, at, evidence) => {
    const length = utf8Length(bytes[at] ?? 0);
    if (length === 0) {
      evidence.bad += 1;
      return 1;
    }
    if (at + length > bytes.length) {
      const tail = bytes.subarray(at + 1);
      if (tail.every((byte) => within(byte, 0x80, 0xbf))) return 0;
    } else if (isUtf8(bytes.subarray(at, at + length))) {
      evidence.likely += 1;
      return length;
    }
    evidence.bad += 1;
    return 1;
  });
}
