import { expect, test } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import type { ShapingRule } from '../knowledge/index.ts';
import { createShaping } from './limits.ts';
import type { PathFacts } from './limits.ts';

const defaults = { connections: 20, messagesPerConnection: 100 };
const unknown: PathFacts = {
  site: 'mx.example.jp:25',
  mxHosts: ['mx.example.jp'],
  domain: 'example.jp',
  provider: null,
  source: '192.0.2.1',
  pool: 'news',
};

function own(match: ShapingRule['match'], limits: ShapingRule['limits'], id = 'own'): ShapingRule {
  return { id, match, limits, from: `/etc/own/shaping.yaml: ${id} (observed)`, builtIn: false };
}

test('where no rule says anything, the configuration holds and everything else is open', () => {
  const limits = createShaping([], defaults).limitsFor(unknown);
  expect(limits.connections).toEqual({ value: 20, from: 'config delivery.connectionsPerPath' });
  expect(limits.messagesPerConnection).toEqual({ value: 100, from: 'config delivery.messagesPerConnection' });
  expect(limits.messagesPerDay).toEqual({ value: null, from: 'default' });
});

test('what au publishes and what is a guess about au have different origins', () => {
  const rules = loadKnowledge(defaultKnowledgeFolder()).shaping;
  const limits = createShaping(rules, defaults).limitsFor({ ...unknown, provider: 'au' });
  expect(limits.messageOctets).toEqual({ value: 3_145_728, from: 'knowledge/shaping.yaml: au (published)' });
  expect(limits.recipientsPerMessage.value).toBe(100);
  expect(limits.connections).toEqual({ value: 3, from: 'knowledge/shaping.yaml: au-connections (guess)' });
});

test('of each limit the first rule that names it decides', () => {
  const rules = [
    own({ domains: ['*.example.jp', 'example.jp'] }, { messagesPerMinute: 60 }, 'first'),
    own({}, { messagesPerMinute: 600, messagesPerHour: 1_000 }, 'second'),
  ];
  const limits = createShaping(rules, defaults).limitsFor(unknown);
  expect(limits.messagesPerMinute).toEqual({ value: 60, from: '/etc/own/shaping.yaml: first (observed)' });
  expect(limits.messagesPerHour.value).toBe(1_000);
});

test('null lifts what a later rule sets', () => {
  const rules = [
    own({ providers: ['gmail'] }, { tls: null }),
    ...loadKnowledge(defaultKnowledgeFolder()).shaping,
  ];
  const { tls } = createShaping(rules, defaults).limitsFor({ ...unknown, provider: 'gmail' });
  expect(tls).toEqual({ value: null, from: '/etc/own/shaping.yaml: own (observed)' });
});

test('a built-in rule lowers what the configuration says and never raises it; an own one may', () => {
  const comcast = { ...unknown, provider: 'comcast' };
  const rules = loadKnowledge(defaultKnowledgeFolder()).shaping;
  expect(createShaping(rules, defaults).limitsFor(comcast).connections.from).toMatch(/^config/);
  const mine = createShaping([own({ providers: ['comcast'] }, { connections: 25 }), ...rules], defaults);
  expect(mine.limitsFor(comcast).connections).toEqual({
    value: 25,
    from: '/etc/own/shaping.yaml: own (observed)',
  });
});

test.each([
  [{ mx: ['example.jp'] }, true],
  [{ mx: ['ample.jp'] }, false],
  [{ sources: ['192.0.2.1'] }, true],
  [{ sources: ['192.0.2.2'] }, false],
  [{ pools: ['news'] }, true],
  [{ pools: ['bulk'] }, false],
  [{ domains: ['*.example.jp'] }, false],
  [{ providers: ['gmail'] }, false],
  [{ pools: ['news'], sources: ['192.0.2.9'] }, false],
])('a rule for %j: %s', (match, holds) => {
  const { connections } = createShaping([own(match, { connections: 1 })], defaults).limitsFor(unknown);
  expect(connections.value === 1).toBe(holds);
});
