import { hash as hashOnce, sign as signBytes } from 'node:crypto';
import { canonicalBody, canonicalEnd } from './canonical-body.ts';
import { canonicalField } from './canonical-header.ts';
import type { RawField } from './canonical-header.ts';
import type { Signer } from './signer.ts';

/** What is signed. */
export type Signable = {
  /** All fields, top to bottom. */
  readonly headers: readonly RawField[];
  /** Everything after the empty line, CRLF line ends. */
  readonly body: Buffer;
  /** `quoted-printable`: made by our writer, canonical but for its end, so that it is hashed as it is. Default `any`. */
  readonly bodyForm?: 'any' | 'quoted-printable';
  /** What `bodyHash` gave for this body; left out: it is computed. */
  readonly hash?: string;
  /** How `headers` were made out of octets; `latin1` keeps foreign octets whole. Default `utf8`. */
  readonly encoding?: 'utf8' | 'latin1';
};

/**
 * Fields that are signed when present, and named once more than they occur, so that nobody can add another
 * (RFC 6376 §5.4.2 and §8.15). From is required (§5.4); the two List-Unsubscribe fields by RFC 8058 §4.
 */
const overSigned: readonly string[] = [
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'reply-to',
  'cc',
  'mime-version',
  'content-type',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'feedback-id',
];

/** Signed when present: they say how the content is read or which list it belongs to. */
const signedOnce: readonly string[] = ['content-transfer-encoding', 'list-id', 'in-reply-to', 'references'];

/** `Name: value` with folds, without the final CRLF; goes in front of all other fields. */
export type SignatureField = { readonly name: 'DKIM-Signature'; readonly line: string };

/**
 * One DKIM-Signature (RFC 6376) per signer, relaxed/relaxed; the body is hashed once for all. Synchronous: 0.27 ms
 * per RSA-2048 signature, 0.04 ms for Ed25519.
 */
export function sign(
  message: Signable,
  signers: readonly Signer[],
  nowSeconds: number,
): readonly SignatureField[] {
  if (signers.length === 0) return [];
  const { headers } = message;
  const layout = layoutOf(headers);
  let fields = '';
  for (const index of layout.order) {
    const field = headers[index];
    if (field !== undefined) fields += `${canonicalField(field)}\r\n`;
  }
  const values = { hash: message.hash ?? bodyHash(message), layout, seconds: Math.floor(nowSeconds) };
  const encoding = message.encoding ?? 'utf8';
  return signers.map((signer) => {
    // RFC 6376 §3.7: the signature's own field comes last, its b= empty, without a final CRLF. Its folds are single
    // line ends before a space, so that the relaxed form is the same text on one line.
    const own = `dkim-signature:${signatureTags(signer, values, ' ')} b=`;
    const signature = signOctets(signer, Buffer.from(fields + own, encoding));
    return {
      name: 'DKIM-Signature',
      line: `DKIM-Signature: ${signatureTags(signer, values, fold)}${fold}${foldSignature(signature)}`,
    };
  });
}

/** The bh= of a body, for whoever signs the same body for many. */
export function bodyHash({ body, bodyForm }: Pick<Signable, 'body' | 'bodyForm'>): string {
  const end = bodyForm === 'quoted-printable' ? canonicalEnd(body) : 0;
  // Nothing canonical at the start: an unknown body, one without an end of line, or one of empty lines.
  return hashOnce('sha256', end > 0 ? body.subarray(0, end) : canonicalBody(body), 'base64');
}

/** Which fields are signed, for messages whose fields have the same names in the same order. */
type Layout = {
  /** Indexes of the fields that h= stands for, in its order. */
  readonly order: readonly number[];
  /** The h= tag as it is written, and as it is signed. */
  readonly folded: string;
  readonly unfolded: string;
};

// Messages of one campaign share their layout; a submission's may differ each time, so old ones go.
const keptLayouts = 256;
const layouts = new Map<string, Layout>();

function layoutOf(headers: readonly RawField[]): Layout {
  let key = '';
  for (const { name } of headers) key += `${name}:`;
  const known = layouts.get(key);
  if (known !== undefined) return known;
  if (layouts.size >= keptLayouts) layouts.clear();
  const made = selectFields(headers);
  layouts.set(key, made);
  return made;
}

/** Of several fields with one name the last comes first (RFC 6376 §5.4.2). */
function selectFields(headers: readonly RawField[]): Layout {
  const byName = new Map<string, number[]>();
  for (const [index, field] of headers.entries()) {
    const name = field.name.toLowerCase();
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [index]);
    else same.unshift(index);
  }
  const names: string[] = [];
  const order: number[] = [];
  for (const name of overSigned) {
    const indexes = byName.get(name) ?? [];
    order.push(...indexes);
    // An entry without a field signs its absence (RFC 6376 §5.4).
    names.push(...Array.from({ length: indexes.length + 1 }, () => name));
  }
  for (const name of signedOnce) {
    const indexes = byName.get(name) ?? [];
    order.push(...indexes);
    names.push(...indexes.map(() => name));
  }
  const lines = foldNames(names);
  return { order, folded: lines.join(fold), unfolded: lines.join(' ') };
}

type TagValues = { readonly hash: string; readonly layout: Layout; readonly seconds: number };

const fold = '\r\n ';

/** The tags before b=; `separator`: the fold as it is written, or as it is signed. */
function signatureTags(
  signer: Signer,
  { hash, layout, seconds }: TagValues,
  separator: typeof fold | ' ',
): string {
  const identity = signer.identity === undefined ? '' : `i=${signer.identity};${separator}`;
  const expiry = signer.validForSeconds === undefined ? '' : ` x=${seconds + signer.validForSeconds};`;
  const names = separator === fold ? layout.folded : layout.unfolded;
  return (
    `v=1; a=${signer.algorithm}; c=relaxed/relaxed;${separator}d=${signer.domain}; s=${signer.selector};${separator}` +
    `${identity}t=${seconds};${expiry}${separator}bh=${hash};${separator}${names}`
  );
}

// RFC 5322 §2.1.1 wants lines of at most 78; 70 leaves room for the fold and `h=`.
const longestFoldedChars = 70;

/** h= in lines; RFC 6376 §3.5 allows folding white space around its colons. */
function foldNames(names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = 'h=';
  names.forEach((name, index) => {
    const item = index < names.length - 1 ? `${name}:` : `${name};`;
    if (line.length + item.length > longestFoldedChars) {
      lines.push(line);
      line = '';
    }
    line += item;
  });
  return [...lines, line];
}

/** b= in lines: RFC 6376 §3.5, white space inside it is ignored. */
function foldSignature(signature: Buffer): string {
  const text = signature.toString('base64');
  let folded = `b=${text.slice(0, longestFoldedChars)}`;
  for (let at = longestFoldedChars; at < text.length; at += longestFoldedChars)
    folded += `${fold}${text.slice(at, at + longestFoldedChars)}`;
  return folded;
}

function signOctets(signer: Signer, octets: Buffer): Buffer {
  if (signer.algorithm === 'rsa-sha256') return signBytes('sha256', octets, signer.key);
  // RFC 8463 §3: the SHA-256 of the fields is what PureEdDSA signs.
  return signBytes(null, hashOnce('sha256', octets, 'buffer'), signer.key);
}
