import { createHash, verify } from 'node:crypto';
import { canonicalBody, canonicalField } from '../../src/protocol/dkim/index.ts';
import type { RawField } from '../../src/protocol/dkim/index.ts';
import type { PublishedKey } from './campaign-folder.ts';

/**
 * Verifies each DKIM signature of a message (RFC 6376 §6.1) against the published keys: what is wrong with it, in words,
 * one entry a signature, '' for a good one. Quick enough for tens of thousands; mailauth is asked about a sample.
 */
export function checkDkim(message: Buffer, keys: ReadonlyMap<string, PublishedKey>): readonly string[] {
  const end = message.indexOf('\r\n\r\n');
  const fields = fieldsOf(message.toString('latin1', 0, end));
  const body = message.subarray(end + 4);
  const signatures = fields.filter(({ name }) => name.toLowerCase() === 'dkim-signature');
  return signatures.map((signature) => faultOf(signature, { fields, body, keys }));
}

type Parts = {
  readonly fields: readonly RawField[];
  readonly body: Buffer;
  readonly keys: ReadonlyMap<string, PublishedKey>;
};

function faultOf(signature: RawField, { fields, body, keys }: Parts): string {
  const tags = tagsOf(signature.line);
  const tag = (name: string): string => tags.get(name) ?? '';
  const published = keys.get(`${tag('s')}._domainkey.${tag('d')}`);
  if (published === undefined || published.algorithm !== tag('a')) return `no key for ${signature.line}`;
  if (tag('c') !== 'relaxed/relaxed') return `canonicalisation ${tag('c')}`;
  const bodyHash = createHash('sha256').update(canonicalBody(body)).digest('base64');
  if (bodyHash !== tag('bh')) return 'the body hash differs';
  // RFC 6376 §5.4.2: of several fields with one name the last is signed first; a name without a field signs nothing.
  const left = fields.filter((field) => field !== signature).toReversed();
  const signed = tag('h')
    .toLowerCase()
    .split(':')
    .map((name) => {
      const at = left.findIndex((field) => field.name.toLowerCase() === name);
      const [field] = at === -1 ? [] : left.splice(at, 1);
      return field === undefined ? '' : `${canonicalField(field)}\r\n`;
    });
  const own = canonicalField({
    ...signature,
    line: signature.line.replace(/(;\s*b=)[^;]*/, '$1'),
  });
  const input = Buffer.from(signed.join('') + own, 'latin1');
  const good =
    published.algorithm === 'rsa-sha256'
      ? verify('sha256', input, published.key, Buffer.from(tag('b'), 'base64'))
      : // RFC 8463 §3: PureEdDSA over the SHA-256 of the input.
        verify(
          null,
          createHash('sha256').update(input).digest(),
          published.key,
          Buffer.from(tag('b'), 'base64'),
        );
  return good ? '' : 'the signature does not verify';
}

function fieldsOf(head: string): readonly RawField[] {
  return head.split(/\r\n(?![ \t])/).map((line) => ({ name: line.slice(0, line.indexOf(':')).trim(), line }));
}

/** RFC 6376 §3.2: tag=value; …, white space inside base64 and around names does not count. */
function tagsOf(line: string): ReadonlyMap<string, string> {
  const value = line.slice(line.indexOf(':') + 1);
  const pairs = value.split(';').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at).trim(), pair.slice(at + 1).replace(/\s+/g, '')];
  });
  return new Map(pairs);
}
