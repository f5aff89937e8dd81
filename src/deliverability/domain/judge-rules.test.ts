import { expect, test } from 'vitest';
import { look } from '../../../test/findings/domain-worlds.ts';
import type { World } from '../../../test/findings/domain-worlds.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../knowledge/index.ts';
import { judgeRules } from './judge-rules.ts';
import type { RuleVerdict, SendingFacts } from './judge-rules.ts';
import { loadSenderRules } from './sender-rules.ts';

const rules = loadSenderRules(defaultKnowledgeFolder());
const ours = {
  domain: 'shop.example',
  returnPath: 'shop.example',
  signingDomain: 'shop.example',
  isOurs: true,
  keys: [{ selector: 's1', publicKey: null }],
  sources: [{ ip: '203.0.113.5', hostname: 'out.shop.example' }],
};
const known: SendingFacts = { tls: true, oneClick: true };

async function judged(world: World, sending = known): Promise<readonly RuleVerdict[]> {
  const question = { ...ours, ...world.question };
  return judgeRules(rules, { question, findings: await look({ ...world, question }), sending });
}

const named = (verdicts: readonly RuleVerdict[], result: RuleVerdict['result']): readonly string[] =>
  verdicts.filter((each) => each.result === result).map(({ provider, rule }) => `${provider} ${rule}`);

test('every provider of the rules is one that we know', () => {
  const ids = new Set(loadKnowledge(defaultKnowledgeFolder()).providers.map(({ id }) => id));
  expect(rules.map(({ id }) => id).filter((id) => !ids.has(id))).toEqual([]);
  expect(rules.map(({ id }) => id)).toEqual([
    'gmail',
    'yahoo',
    'outlook',
    'docomo',
    'au',
    'softbank',
    'yahoo-japan',
  ]);
});

test('a domain in order meets whatever can be seen', async () => {
  const verdicts = await judged({});
  expect(named(verdicts, 'fail')).toEqual([]);
  expect(named(verdicts, 'unknown')).toEqual([
    'gmail spam-rate',
    'gmail honoured',
    'yahoo spam-rate',
    'yahoo honoured',
    'docomo clean-lists',
    'au clean-lists',
  ]);
});

test('nothing is claimed of a domain of others without its sources', async () => {
  const verdicts = await judged(
    { question: { isOurs: false, sources: [], keys: [] }, zone: { 'TXT s1._domainkey.shop.example': [] } },
    { tls: null, oneClick: null },
  );
  expect(named(verdicts, 'fail')).toEqual([]);
  expect(named(verdicts, 'pass')).toEqual([
    'gmail dmarc',
    'yahoo sender-exists',
    'outlook replies',
    'docomo sender-exists',
    'au fqdn',
    'softbank sender-exists',
  ]);
});

test.each<[what: string, world: World, failing: readonly string[]]>([
  [
    'no DMARC record',
    { zone: { 'TXT _dmarc.shop.example': [] } },
    ['gmail dmarc', 'yahoo dmarc', 'outlook dmarc', 'docomo dmarc', 'softbank dmarc'],
  ],
  [
    'a source outside SPF: DKIM still carries what asks for one of them',
    { zone: { 'TXT shop.example': ['v=spf1 ip4:198.51.100.1 -all'] } },
    ['gmail both', 'yahoo both', 'outlook spf', 'docomo from-spf', 'au not-forged', 'softbank from-spf'],
  ],
  [
    'no reverse name',
    { zone: { 'PTR 5.113.0.203.in-addr.arpa': [] } },
    ['gmail reverse-dns', 'yahoo reverse-dns', 'outlook reverse-dns'],
  ],
  [
    'a key that nobody can read',
    { zone: { 'TXT s1._domainkey.shop.example': ['v=DKIM1; p=x'] } },
    ['gmail both', 'yahoo both', 'outlook dkim', 'docomo dkim'],
  ],
  [
    'a domain that takes no mail',
    { zone: { 'MX shop.example': ['0 .'], 'TXT shop.example': ['v=spf1 ip4:203.0.113.0/28 -all'] } },
    ['outlook replies'],
  ],
  [
    'a domain without mail host or address',
    { zone: { 'MX shop.example': [], 'TXT shop.example': ['v=spf1 ip4:203.0.113.0/28 -all'] } },
    ['yahoo sender-exists', 'outlook replies', 'docomo sender-exists', 'au fqdn', 'softbank sender-exists'],
  ],
  [
    'a return path that is not there',
    { question: { returnPath: 'gone.example' } },
    ['gmail both', 'yahoo both', 'outlook spf', 'au not-forged', 'softbank from-spf'],
  ],
])('%s', async (_what, world, failing) => {
  expect(named(await judged(world), 'fail')).toEqual(failing);
});

test('links that are not HTTPS are no one-click links', async () => {
  expect(named(await judged({}, { tls: false, oneClick: false }), 'fail')).toEqual([
    'gmail tls',
    'gmail one-click',
    'yahoo one-click',
  ]);
});

test('a domain that is not there meets nothing', async () => {
  const verdicts = await judged({ question: { domain: 'shpo.example', returnPath: 'shpo.example' } });
  expect(named(verdicts, 'pass')).toEqual([]);
});
