// How many SMTP replies a second are understood on one core when no two of them are alike: `npx node bench/classify.ts`.
// Recipients, IP addresses, hosts, times and queue ids differ in every reply; the second number is for sentences that were
// never heard before, where nothing that was remembered helps.
import { parseArgs } from 'node:util';
import {
  defaultKnowledgeFolder,
  loadKnowledge,
  type Knowledge,
  type ReplyRule,
} from '../src/knowledge/index.ts';
import { createClassifier, parseReplyText, type ReplyContext } from '../src/replies/index.ts';
import { median } from './median.ts';

type Reply = {
  readonly reply: NonNullable<ReturnType<typeof parseReplyText>>;
  readonly context: ReplyContext;
};

const { values } = parseArgs({
  options: { count: { type: 'string', default: '400000' }, rounds: { type: 'string', default: '7' } },
});
const knowledge = loadKnowledge(defaultKnowledgeFolder());
const samples = knowledge.rules.filter((rule) => /^[45]\d\d /.test(rule.sample));
const random = generator(20_261_123);

for (const [name, make] of [
  ['all different (addresses, hosts, IPs, times, ids)', varied],
  ['never heard before (every sentence altered)', altered],
] as const) {
  const rates: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) rates.push(rateOf(make));
  const text = rates.map((rate) => Math.round(rate / 1000)).join(' ');
  console.log(`${name}: ${Math.round(median(rates) / 1000)},000 replies/s (rounds, thousands: ${text})`);
}

function rateOf(make: (rule: ReplyRule) => string): number {
  const classifier = createClassifier(knowledge);
  const warm = repliesOf(make, 20_000);
  for (const { reply, context } of warm) classifier.classifyReply(reply, context);
  const count = Number(values.count);
  let busyMs = 0;
  // In portions, so that the replies themselves do not fill the memory. Processor time, because other programs run as well.
  for (let done = 0; done < count; done += 20_000) {
    const portion = repliesOf(make, Math.min(20_000, count - done));
    const started = process.cpuUsage();
    for (const { reply, context } of portion) classifier.classifyReply(reply, context);
    const { user, system } = process.cpuUsage(started);
    busyMs += (user + system) / 1000;
  }
  return (1000 * count) / busyMs;
}

function repliesOf(make: (rule: ReplyRule) => string, count: number): readonly Reply[] {
  return Array.from({ length: count }, (_, index) => {
    const rule = samples[index % samples.length];
    if (rule === undefined) throw new Error('no samples');
    const reply = parseReplyText(make(rule));
    if (reply === null) throw new Error(`no reply: ${rule.sample}`);
    return { reply, context: contextOf(knowledge, rule) };
  });
}

function varied(rule: ReplyRule): string {
  const host = `mx${random(900)}.pool${random(999)}.example.jp`;
  return `${rule.sample
    .replaceAll(/[\w.+-]+@[\w.-]+/g, () => `${word(9)}${random(9999)}@${word(7)}.jp`)
    .replaceAll(/192\.0\.2\.\d+/g, () => `${random(255)}.${random(255)}.${random(255)}.${random(255)}`)
    .replaceAll(
      /\b[a-z]\d-\w+\.\d\b/g,
      () => `${word(1)}${random(9)}-${hex(24)}.${random(9)}`,
    )} [${host} 2026-11-${10 + random(19)}T${10 + random(13)}:${10 + random(49)}:${10 + random(49)}.${random(999)}Z ${hex(16)}]`;
}

function altered(rule: ReplyRule): string {
  return `${varied(rule)} ${word(7)} ${word(5)} ${word(9)}`;
}

function contextOf({ providers }: Knowledge, rule: ReplyRule): ReplyContext {
  const provider = providers.find((each) => each.id === rule.providers?.[0]);
  const suffix = provider?.mx[0];
  return {
    stage: rule.stage?.[0] ?? null,
    mxHost: suffix === undefined ? null : `mx${random(4)}.${suffix}`,
    domain: provider?.domains[0] ?? null,
  };
}

function word(length: number): string {
  return Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz'[random(26)]).join('');
}

function hex(length: number): string {
  return Array.from({ length }, () => '0123456789abcdef'[random(16)]).join('');
}

/** The same replies in every run (xorshift32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
