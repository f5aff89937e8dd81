// The simulator speaks with the providers' real texts and says which verdict each should get; the product reads them
// with its own knowledge. The two were written apart, so each checks the other.
import { expect, test } from 'vitest';
import { readProviders } from '../../simulator/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../src/knowledge/index.ts';
import { createClassifier, parseReplyText } from '../../src/replies/index.ts';

const classifier = createClassifier(loadKnowledge(defaultKnowledgeFolder()));

type Case = {
  readonly name: string;
  readonly host: string;
  readonly domain: string;
  readonly stage: 'rcpt' | 'eom' | 'mail' | 'banner';
  readonly reply: readonly string[];
  readonly verdict: string;
};

const cases = readProviders().flatMap((provider): readonly Case[] => {
  const [domain] = provider.domains;
  if (domain === undefined) throw new Error(`${provider.id} has no domain`);
  const host = provider.hosts[0]?.name ?? domain;
  const { block } = provider;
  const refusals = provider.recipients.flatMap(({ id, reply, stage, verdict }) =>
    reply === undefined || verdict === undefined ? [] : [{ id, reply, stage, verdict }],
  );
  const all = block === undefined ? refusals : [...refusals, { id: 'block', ...block }];
  return all.map(({ id, ...rest }) => ({ name: `${provider.id} ${id}`, host, domain, ...rest }));
});

test.each(cases)('$name is read as $verdict', ({ host, domain, stage, reply, verdict }) => {
  const text = reply
    .join('\n')
    .replaceAll('{recipient}', `taro.yamada@${domain}`)
    .replaceAll('{ip}', '192.0.2.1')
    .replaceAll('{host}', host)
    .replaceAll('{domain}', domain)
    .replaceAll('{id}', 'a1b2c3');
  const parsed = parseReplyText(text);
  if (parsed === null) throw new Error(`no reply: ${text}`);
  const read = classifier.classifyReply(parsed, { stage, mxHost: host, domain });
  expect([read.verdict, read.rule]).toEqual([verdict, read.rule]);
});
