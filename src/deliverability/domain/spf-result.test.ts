// The rules of RFC 7208 as a table of our own, through our resolver: the result of check_host(), and whether our own reading
// of the record sees a fault exactly where the result is a permanent error.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolverOf } from '../../../test/findings/domain-zone.ts';
import type { Zone } from '../../../test/findings/domain-zone.ts';
import { spfResult } from './check-spf.ts';
import { mostLookups, mostVoids, readSpfTree } from './spf-tree.ts';
import type { SpfNode } from './spf-tree.ts';

const zone: Zone = {
  'A a.example': ['192.0.2.1'],
  'AAAA a.example': ['2001:db8::1'],
  'A mail.a.example': ['192.0.2.2', '192.0.2.3'],
  'MX a.example': ['10 mail.a.example'],
  'A 1.2.0.192.list.example': ['127.0.0.2'],
  'PTR 1.2.0.192.in-addr.arpa': ['host.a.example'],
  'A host.a.example': ['192.0.2.1'],
  'TXT yes.example': ['v=spf1 ip4:192.0.2.1 -all'],
  'TXT no.example': ['v=spf1 -all'],
  'TXT soft.example': ['v=spf1 ~all'],
  'TXT wrong.example': ['v=spf1 wrong -all'],
  'TXT silent.example': 'silent',
};
const source = { ip: '192.0.2.1', hostname: 'host.a.example' };

async function resultOf(record: string, more: Zone = {}, ip = source.ip): Promise<string> {
  const resolver = resolverOf({ ...zone, 'TXT a.example': [record], ...more }, false);
  return await spfResult('a.example', { ...source, ip }, { resolver });
}

describe('check_host()', () => {
  test.each<[clause: string, record: string, result: string]>([
    ['§2.6.1 none', 'something else', 'none'],
    ['§4.5 version ends at a space', 'v=spf10 +all', 'none'],
    ['§4.5 in any case', 'V=SPF1 +ALL', 'pass'],
    ['§4.6.1 several spaces', 'v=spf1   a   -all', 'pass'],
    ['§4.6 an error anywhere', 'v=spf1 ip4:192.0.2.1 -all moo', 'permerror'],
    ['§4.7 default', 'v=spf1 ip4:198.51.100.1', 'neutral'],
    ['§4.7 nothing at all', 'v=spf1', 'neutral'],
    ['§5.1 fail', 'v=spf1 -all', 'fail'],
    ['§5.1 softfail', 'v=spf1 ~all', 'softfail'],
    ['§5.1 neutral', 'v=spf1 ?all', 'neutral'],
    ['§5.1 takes no argument', 'v=spf1 -all:a.example', 'permerror'],
    ['§5.2 include matches', 'v=spf1 include:yes.example -all', 'pass'],
    ['§5.2 include does not match', 'v=spf1 include:no.example ~all', 'softfail'],
    ['§5.2 a soft failure is no match', 'v=spf1 include:soft.example -all', 'fail'],
    ['§5.2 with its own sign', 'v=spf1 -include:yes.example +all', 'fail'],
    ['§5.2 none is an error', 'v=spf1 include:nothing.example +all', 'permerror'],
    ['§5.2 an error goes on', 'v=spf1 include:wrong.example +all', 'permerror'],
    ['§5.2 a silence goes on', 'v=spf1 include:silent.example +all', 'temperror'],
    ['§5.3 a', 'v=spf1 a -all', 'pass'],
    ['§5.3 a of another', 'v=spf1 a:mail.a.example -all', 'fail'],
    ['§5.3 with a length', 'v=spf1 a:mail.a.example/24 -all', 'pass'],
    ['§5.3 with a length of IPv6 alone', 'v=spf1 a:mail.a.example//64 -all', 'fail'],
    ['§5.3 too long', 'v=spf1 a:mail.a.example/33 -all', 'permerror'],
    ['§5.4 mx', 'v=spf1 mx/24 -all', 'pass'],
    ['§5.4 mx of others', 'v=spf1 mx -all', 'fail'],
    ['§5.5 ptr', 'v=spf1 ptr -all', 'pass'],
    ['§5.6 ip4', 'v=spf1 ip4:192.0.2.0/24 -all', 'pass'],
    ['§5.6 three octets', 'v=spf1 ip4:192.0.2 -all', 'permerror'],
    ['§5.6 a name', 'v=spf1 ip4:a.example -all', 'permerror'],
    ['§5.6 ip6 for an IPv4 client', 'v=spf1 ip6:::/0 -all', 'fail'],
    ['§5.7 exists', 'v=spf1 exists:%{ir}.list.example -all', 'pass'],
    ['§5.7 needs a name', 'v=spf1 exists -all', 'permerror'],
    ['§6 unknown modifiers', 'v=spf1 moo=%{d} a -all', 'pass'],
    ['§6 redirect twice', 'v=spf1 redirect=yes.example redirect=no.example', 'permerror'],
    ['§6.1 redirect', 'v=spf1 redirect=yes.example', 'pass'],
    ['§6.1 redirect to none', 'v=spf1 redirect=nothing.example', 'permerror'],
    ['§6.1 not beside all', 'v=spf1 redirect=yes.example ~all', 'softfail'],
    ['§6.1 is no mechanism', 'v=spf1 redirect:yes.example', 'permerror'],
    ['§7.1 top label', 'v=spf1 a:foo-bar -all', 'permerror'],
    ['§7.2 an unknown macro', 'v=spf1 exists:%{x}.a.example -all', 'permerror'],
    ['§7.1 a lone percent', 'v=spf1 exists:%a.example -all', 'permerror'],
    ['§3.1 ASCII alone', 'v=spf1 a:ä.example -all', 'permerror'],
  ])('%s: %s', async (_clause, record, result) => {
    expect(await resultOf(record)).toBe(result);
  });

  test('§4.6.4: ten look-ups and two void ones pass, one more does not', async () => {
    const terms = (count: number, name: string): string => Array<string>(count).fill(name).join(' ');
    expect(await resultOf(`v=spf1 ${terms(10, 'a:mail.a.example')} -all`)).toBe('fail');
    expect(await resultOf(`v=spf1 ${terms(11, 'a:mail.a.example')} -all`)).toBe('permerror');
    expect(await resultOf('v=spf1 a:x.example a:y.example -all')).toBe('fail');
    expect(await resultOf('v=spf1 a:x.example a:y.example a:z.example -all')).toBe('permerror');
  });

  test('§4.4: several records are an error, a silent DNS is a temporary one', async () => {
    expect(await resultOf('', { 'TXT a.example': ['v=spf1 +all', 'v=spf1 -all'] })).toBe('permerror');
    expect(await resultOf('', { 'TXT a.example': 'silent' })).toBe('temperror');
    expect(await resultOf('', { 'TXT a.example': 'servfail' })).toBe('temperror');
  });

  test('IPv6', async () => {
    expect(await resultOf('v=spf1 ip6:2001:db8::/32 -all', {}, '2001:db8::7')).toBe('pass');
    expect(await resultOf('v=spf1 a//64 -all', {}, '2001:db8::7')).toBe('pass');
    expect(await resultOf('v=spf1 ip4:192.0.2.0/24 -all', {}, '2001:db8::7')).toBe('fail');
  });
});

const term = fc
  .constantFrom(
    'a mx a:mail.a.example mx/24 a//64 a/33 ip4:192.0.2.9 ip4:192.0.2 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:192.0.2.1',
    'include:no.example include:wrong.example include:nothing.example exists:%{z}.example exists all:x moo x=1 x-y.z=%{d} =x',
    'a: a:b redirect=no.example redirect= exp=e.example exp= a:x.123 a:x.example. ip4:192.0.2.0/ A -MX ~a %',
  )
  .chain((terms) => fc.constantFrom(...terms.split(' ')));

function faultIn(node: SpfNode): boolean {
  if (node.fault !== null) return node.fault.kind !== 'macro';
  return node.terms.some(({ child }) => child !== null && faultIn(child));
}

test('our reading finds a fault, or a limit exceeded, exactly where receivers end in a permanent error', async () => {
  // A client that nothing matches, so that every term is evaluated. No macros: what they lead to is never counted as void by us.
  await fc.assert(
    fc.asyncProperty(fc.array(term, { maxLength: 6 }), async (terms) => {
      const record = ['v=spf1', ...terms].join(' ');
      const resolver = resolverOf({ ...zone, 'TXT a.example': [record] }, false);
      const client = { ip: '198.51.100.77', hostname: 'other.example' };
      const [result, tree] = await Promise.all([
        spfResult('a.example', client, { resolver }),
        readSpfTree('a.example', resolver),
      ]);
      const isBroken = faultIn(tree.root) || tree.lookups > mostLookups || tree.voids > mostVoids;
      expect({ record, isBroken }).toEqual({ record, isBroken: result === 'permerror' });
    }),
    { numRuns: 1_500 },
  );
});
