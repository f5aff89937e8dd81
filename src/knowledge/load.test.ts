import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../base/index.ts';
import { defaultKnowledgeFolder, loadKnowledge, verdictNames } from './index.ts';

const builtIn = defaultKnowledgeFolder();
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

describe('the built-in knowledge', () => {
  const knowledge = loadKnowledge(builtIn);

  it('has exactly the verdicts of the closed union, in the same order', () => {
    expect([...knowledge.verdicts.keys()]).toEqual([...verdictNames]);
  });

  it('has whole sentences as steps: in YAML an unquoted comma cuts one in two', () => {
    const stepsIn = (language: 'ja' | 'en'): readonly string[] => {
      const { verdicts, details, causes, actions } = knowledge.advice[language];
      const steps = [verdicts, details, causes].flatMap((texts) =>
        Object.values(texts).flatMap((text) => Object.values(text.steps).flatMap((each) => each ?? [])),
      );
      return [...steps, ...Object.values(actions)];
    };
    expect(stepsIn('en').filter((step) => !/^[A-Z].*\.$/.test(step))).toEqual([]);
    expect(stepsIn('ja').filter((step) => !step.endsWith('。'))).toEqual([]);
  });

  it('keeps the order of rules and freezes them', () => {
    const gmail = knowledge.rules.filter((rule) => rule.providers?.includes('gmail')).map((rule) => rule.id);
    expect(gmail.slice(0, 2)).toEqual(['gmail-user-unknown', 'gmail-account-disabled']);
    expect(Object.isFrozen(knowledge.rules[0])).toBe(true);
    expect(Object.isFrozen(knowledge.providers[0])).toBe(true);
  });

  it.each([
    ['gmail', 'aspmx.l.google.com.', 'shop.example.jp'],
    ['outlook', 'outlook-com.olc.protection.outlook.com', 'outlook.com'],
    ['microsoft365', 'example-co-jp.mail.protection.outlook.com', 'example.co.jp'],
    ['yahoo-japan', 'mx1.mail.yahoo.co.jp', 'yahoo.co.jp'],
    ['docomo', '127.0.0.1', 'DOCOMO.ne.jp'],
    ['ocn', null, 'purple.ocn.ne.jp'],
    ['softbank', null, 't.vodafone.ne.jp'],
    [undefined, 'mx.notgoogle.com', 'example.jp'],
  ])('finds %s behind %s for %s', (id, mxHost, domain) => {
    expect(knowledge.providerOf({ mxHost, domain })?.id).toBe(id);
  });
});

describe('an operator’s own folder', () => {
  it('comes before the built-in rules', () => {
    const own = emptyFolder();
    mkdirSync(join(own, 'replies'));
    writeFileSync(
      join(own, 'replies/ours.yaml'),
      "rules:\n  - {id: ours, pattern: 'no cats', verdict: filtered, sample: 550 no cats, source: [field], confidence: observed}\n",
    );
    expect(loadKnowledge(builtIn, [own]).rules[0]?.id).toBe('ours');
  });
});

describe('a folder of knowledge.folders that gives nothing', () => {
  it.each([
    ['is not there', null, /holds no knowledge files/],
    ['holds only what nobody reads', 'rules.yaml', /holds no knowledge files/],
  ])('%s', (_name, file, message) => {
    const own = emptyFolder();
    if (file !== null) writeFileSync(join(own, file), 'rules: []');
    const folder = file === null ? join(own, 'none') : own;
    expect(() => loadKnowledge(builtIn, [folder])).toThrow(AppError);
    expect(() => loadKnowledge(builtIn, [folder])).toThrow(message);
  });
});

describe('faults are named by file and line', () => {
  const rule = (fields: string): string => `rules:\n  - {id: one, sample: 550 abc, source: [field], confidence: guess, ${fields}}\n`;
  it.each([
    ['an unknown verdict', rule('pattern: abc, verdict: unknwon'), /gmail\.yaml:2: rules\.0\.verdict/],
    ['a misspelt key', rule('pattern: abc, verdict: blocked, patern: x'), /gmail\.yaml:2: rules\.0: .*patern/],
    ['an unbounded repetition', rule("pattern: 'abc.*', verdict: blocked"), /gmail\.yaml:2: rule one: pattern unbounded \*/],
    ['a nested repetition', rule("pattern: '(a{1,9}){1,9}', verdict: blocked"), /repetition inside a repetition/],
    ['an unknown source', rule('pattern: abc, verdict: blocked').replace('[field]', '[nowhere]'), /source nowhere/],
    ['an unknown provider', `providers: [nobody]\n${rule('pattern: abc, verdict: blocked')}`, /gmail\.yaml:1: provider nobody/],
    ['a sample of another rule', rule('pattern: xyz, verdict: blocked'), /:2: rule one: the pattern does not match the sample.*“550 abc”/],
    ['broken YAML', 'rules:\n  - {id: one\n    x', /gmail\.yaml:\d+/],
    ['an id used twice', rule('pattern: abc, verdict: blocked').replace('one', 'greylisted'), /rule greylisted already stands in/],
  ])('%s', (_name, text, message) => {
    const folder = emptyFolder();
    cpSync(builtIn, folder, { recursive: true });
    writeFileSync(join(folder, 'replies/gmail.yaml'), text);
    expect(() => loadKnowledge(folder)).toThrow(message);
    expect(() => loadKnowledge(folder)).toThrow(AppError);
  });

  it('a missing folder', () => {
    expect(() => loadKnowledge(join(emptyFolder(), 'none'))).toThrow(/sources\.yaml/);
  });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-knowledge-'));
  folders.push(folder);
  return folder;
}
