import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, lineOf, loadKnowledge, type ReplyRule } from '../knowledge/index.ts';
import { createClassifier, parseReplyText, type ReplyContext } from './index.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const replies = knowledge.rules.flatMap((rule) => {
  const parsed = parseReplyText(rule.sample);
  return parsed === null ? [] : [{ rule, parsed }];
});

const digits = fc.integer({ min: 0, max: 99_999_999 }).map(String);
const letters = fc.stringMatching(/^[a-z]{1,12}$/);
const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const id = fc.stringMatching(/^[0-9a-f]{6}[0-9][0-9a-z]{6,20}$/);
/** What a real server varies from one reply to the next, and some things that it does not. */
const variation = fc.record({
  user: fc.tuple(letters, digits).map((parts) => parts.join('.')),
  domain: fc.tuple(letters, fc.constantFrom('.jp', '.example', '.co.uk')).map((parts) => parts.join('')),
  ip: ipv4,
  tail: fc.oneof(
    id,
    ipv4,
    digits,
    fc.constantFrom('12:34:56', '2001:db8::25', '', 'S3150', '5.7.1', 'HM08'),
    letters,
  ),
});

describe('what was heard before', () => {
  it('is judged as if it were heard for the first time', () => {
    // One classifier remembers everything; `trace` never looks at what it remembers.
    const classifier = createClassifier(knowledge);
    fc.assert(
      fc.property(fc.constantFrom(...replies), variation, ({ rule, parsed }, { user, domain, ip, tail }) => {
        const text = parsed.text
          .replaceAll(/[\w.+-]{1,40}@[\w-]{1,40}\.[\w.-]{1,40}\w/g, `${user}@${domain}`)
          .replaceAll(/\b192\.0\.2\.25\b/g, ip);
        const reply = { ...parsed, text: `${text} ${tail}` };
        const context = contextOf(rule);
        const first = classifier.classifyReply(reply, context);
        expect(classifier.classifyReply(reply, context)).toEqual(first);
        expect(classifier.trace(reply, context).classification).toEqual(first);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the same line only when all differences were masked: a line masked again stays as it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...replies), variation, ({ parsed }, { user, domain, tail }) => {
        const line = lineOf({ ...parsed, text: `${parsed.text} <${user}@${domain}> ${tail}` });
        expect(lineOf({ text: line, code: parsed.code, status: parsed.status })).toBe(line);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the line that rules see', () => {
  it.each([
    ['550 5.1.1 <taro.1975@mail7.shop.example>... User unknown', '550 5.1.1 <a@x>... User unknown'],
    [
      '550-5.1.1 The account does\r\n550-5.1.1 not exist. a1-20020a05.7 - gsmtp',
      '550 5.1.1 The account does not exist. id0 - gsmtp',
    ],
    ['421 4.7.0 [2001:db8::25 15] try at 12:34:56', '421 4.7.0 [0:0 15] try at 0:0'],
    [
      '554 IP=198.51.100.7 listed, see https://bl.example/query?ip=198.51.100.7',
      '554 IP=0.0.0.0 listed, see https://bl.example/query?ip=0.0.0.0',
    ],
    [
      '451 4.7.650 [AM7EUR06FT012.eop-eur06.prod.protection.outlook.com 2026-04-29T01:02:03.456Z 08DCA1B2C3D4E5F6] (S775)',
      '451 4.7.650 [AM0EUR0FT0.eop-eur0.prod.protection.outlook.com id0 id0] (S775)',
    ],
    ['552 size 10485760 exceeds 1000 OFR006_102 [TSS04]', '552 size 00000 exceeds 1000 OFR006_102 [TSS04]'],
  ])('%s', (reply, line) => {
    const parsed = parseReplyText(reply);
    if (parsed === null) throw new Error(`no reply: ${reply}`);
    expect(lineOf(parsed)).toBe(line);
  });
});

function contextOf(rule: ReplyRule): ReplyContext {
  const provider = knowledge.providers.find((each) => each.id === rule.providers?.[0]);
  const suffix = provider?.mx[0];
  return {
    stage: rule.stage?.[0] ?? null,
    mxHost: suffix === undefined ? null : `mx1.${suffix}`,
    domain: provider?.domains[0] ?? null,
  };
}
