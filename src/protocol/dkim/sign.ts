import { createHash, hash as hashOnce, sign as signBytes } from 'node:crypto';
import { canonicalBody, endsInOneLineEnd } from './canonical-body.ts';
import { canonicalField } from './canonical-header.ts';
import type { RawField } from './canonical-header.ts';
import type { Signer } from './signer.ts';

/** What is signed. */
export type Signable = {
  /** All fields, top to bottom. */
  readonly headers: readonly RawField[];
  /** Everything after the empty line, CRLF line ends. */
  readonly body: Buffer;
  /** `quoted-printable`: made by our encoder, canonical but for its end, so that it is hashed as it is. Default `any`. */
  readonly bodyForm?: 'any' | 'quoted-printable';
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
  const bodyHash = hashBody(message);
  const selected = selectFields(message.headers);
  const hashInput = Buffer.from(
    selected.present.map((field) => `${canonicalField(field)}\r\n`).join(''),
    message.encoding ?? 'utf8',
  );
  const names = foldNames(selected.names);
  return signers.map((signer) => {
    const tags = signatureTags(signer, { bodyHash, names, nowSeconds });
    // RFC 6376 §3.7: the signature's own field comes last, its b= empty, without a final CRLF. Its folds are single
    // line ends before a space, so that the relaxed form is the same text on one line.
    const own = Buffer.from(`dkim-signature:${tags.join(' ')} b=`, 'latin1');
    const signature = signHash(signer, [hashInput, own]);
    return {
      name: 'DKIM-Signature',
      line: `DKIM-Signature: ${[...tags, foldSignature(signature)].join('\r\n ')}`,
    };
  });
}

function hashBody({ body, bodyForm }: Signable): string {
  const ready = bodyForm === 'quoted-printable' && endsInOneLineEnd(body);
  return hashOnce('sha256', ready ? body : canonicalBody(body), 'base64');
}

type Selected = { readonly names: readonly string[]; readonly present: readonly RawField[] };

/** h= and, in the same order, the fields it stands for: of several with one name the last comes first (RFC 6376 §5.4.2). */
function selectFields(headers: readonly RawField[]): Selected {
  const byName = new Map<string, RawField[]>();
  for (const field of headers) {
    const name = field.name.toLowerCase();
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [field]);
    else same.unshift(field);
  }
  const names: string[] = [];
  const present: RawField[] = [];
  for (const name of overSigned) {
    const fields = byName.get(name) ?? [];
    present.push(...fields);
    // An entry without a field signs its absence (RFC 6376 §5.4).
    names.push(...Array.from({ length: fields.length + 1 }, () => name));
  }
  for (const name of signedOnce) {
    const fields = byName.get(name) ?? [];
    present.push(...fields);
    names.push(...fields.map(() => name));
  }
  return { names, present };
}

type TagValues = {
  readonly bodyHash: string;
  readonly names: readonly string[];
  readonly nowSeconds: number;
};

/** The tags before b=, one line of the folded field each. */
function signatureTags(signer: Signer, { bodyHash, names, nowSeconds }: TagValues): readonly string[] {
  const identity = signer.identity === undefined ? [] : [`i=${signer.identity};`];
  const seconds = Math.floor(nowSeconds);
  const expiry = signer.validForSeconds === undefined ? '' : ` x=${seconds + signer.validForSeconds};`;
  return [
    `v=1; a=${signer.algorithm}; c=relaxed/relaxed;`,
    `d=${signer.domain}; s=${signer.selector};`,
    ...identity,
    `t=${seconds};${expiry}`,
    `bh=${bodyHash};`,
    ...names,
  ];
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
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += longestFoldedChars)
    lines.push(text.slice(at, at + longestFoldedChars));
  return `b=${lines.join('\r\n ')}`;
}

function signHash(signer: Signer, parts: readonly [Buffer, Buffer]): Buffer {
  if (signer.algorithm === 'rsa-sha256') return signBytes('sha256', Buffer.concat(parts), signer.key);
  // RFC 8463 §3: the SHA-256 of the fields is what PureEdDSA signs.
  const digest = createHash('sha256').update(parts[0]).update(parts[1]).digest();
  return signBytes(null, digest, signer.key);
}
