import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createClassifier, type BounceText, type Classification } from './index.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const classifier = createClassifier(knowledge);

function classify(bounce: Partial<BounceText>): Classification {
  const nothing = { text: '', replyCode: null, status: null, stage: null, mxHost: null, domain: null };
  return classifier.classifyText({ ...nothing, ...bounce });
}

describe('the words of a bounce', () => {
  it.each<[string, Partial<BounceText>, string, boolean]>([
    [
      'words, code and status',
      { text: '550 5.1.1 user unknown', replyCode: 550, status: '5.1.1' },
      'userunknown',
      true,
    ],
    ['words alone', { text: 'No such user here.' }, 'userunknown', true],
    ['words and a status for now', { text: 'User unknown', status: '4.1.1' }, 'userunknown', false],
    ['only a status', { status: '5.2.2' }, 'mailboxfull', false],
    ['only a hard status', { status: '5.1.1' }, 'userunknown', true],
    ['only a code', { replyCode: 552, stage: 'rcpt' }, 'mailboxfull', false],
    ['a code that says nothing', { replyCode: 550 }, 'onhold', false],
    ['a status that says nothing', { status: '5.0.0' }, 'onhold', false],
    ['words that no rule knows', { text: 'nyaa nyaa nyaa' }, 'onhold', false],
    ['nothing at all', {}, 'undefined', false],
    ['a success', { text: '250 2.0.0 delivered', status: '2.0.0' }, 'delivered', false],
  ])('%s', (_name, bounce, verdict, hardBounce) => {
    expect(classify(bounce)).toMatchObject({ verdict, hardBounce });
  });

  it('are judged from where the quoted reply begins', () => {
    const text =
      'host lsean.ezweb.ne.jp[192.0.2.1] said: 550 : User unknown (in reply to end of DATA command)';
    expect(classify({ text, replyCode: 550, domain: 'ezweb.ne.jp' }).rule).toBe('au-filtered');
  });

  it('do not take a number in an address for the reply code', () => {
    const text = 'host mx550-550.example.jp said: 550 nyaa';
    expect(classify({ text, replyCode: 550 })).toMatchObject({ verdict: 'onhold' });
  });
});
