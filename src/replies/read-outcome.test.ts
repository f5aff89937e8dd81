import { describe, expect, it } from 'vitest';
import type { LocalCause, LocalOutcome, RemoteOutcome } from '../events/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import {
  type Advice,
  adviceFor,
  classifyLocal,
  createClassifier,
  createReader,
  missingAdvice,
  partyFor,
} from './index.ts';
import { localCauses } from './local-cause.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const reader = createReader(createClassifier(knowledge), knowledge);
const facts = {
  scope: 'recipient',
  host: null,
  address: null,
  source: null,
  tls: null,
  durationMs: 1,
} as const;

function remote(kind: RemoteOutcome['kind'], code: number, line: string): RemoteOutcome {
  return { ...facts, kind, stage: 'rcpt', origin: 'remote', reply: { code, status: null, lines: [line] } };
}

describe('the reader of outcomes', () => {
  it('says nothing of a success', () => {
    const reading = reader.read(remote('delivered', 250, 'OK'), { mxHost: null, domain: 'example.jp' });
    expect(reading).toEqual({ verdict: null, detail: null, rule: null, confidence: 1 });
  });

  it('reads a refusal with the rules of the provider behind the MX host', () => {
    const refused = remote('refused', 552, 'too much mail data');
    expect(reader.read(refused, { mxHost: 'mfsmax.docomo.ne.jp', domain: 'example.jp' })).toMatchObject({
      verdict: 'mailboxfull',
      rule: 'docomo-mailbox-full',
    });
  });

  it('never matches the text of a local failure against reply rules', () => {
    const local: LocalOutcome = {
      ...facts,
      kind: 'deferred',
      stage: 'connect',
      origin: 'local',
      cause: 'connect-timeout',
      text: '550 5.1.1 user unknown',
    };
    expect(reader.read(local, { mxHost: null, domain: 'docomo.ne.jp' })).toEqual({
      verdict: 'networkerror',
      detail: 'connect-timeout',
      rule: 'local:connect-timeout',
      confidence: 1,
    });
  });

  it('calls only what no server can change a hard bounce', () => {
    const hard = localCauses.filter((cause) => classifyLocal(cause as LocalCause, knowledge).hardBounce); // keys of the table by cause
    expect(hard).toEqual(['dns-nxdomain', 'dns-null-mx']);
  });
});

describe('advice', () => {
  it('exists in both languages for every verdict, detail and local cause', () => {
    expect(missingAdvice(knowledge)).toEqual([]);
  });

  it('ends with the provider’s own steps when it is the recipient’s turn', () => {
    const { ja, en } = adviceFor(
      { verdict: 'filtered', detail: 'carrier-filter', provider: 'docomo' },
      knowledge,
    );
    expect(ja.steps[0]?.party).toBe('recipient');
    expect(ja.steps[0]?.steps.join('')).toContain('My docomo');
    expect(en.steps[0]?.steps.join('')).toContain('My docomo');
    const unknown: { readonly ja: Advice } = adviceFor(
      { verdict: 'userunknown', provider: 'docomo' },
      knowledge,
    );
    expect(unknown.ja.steps[0]?.party).toBe('sender');
    expect(JSON.stringify(unknown.ja)).not.toContain('My docomo');
  });

  it('takes the finest text: cause, detail, verdict', () => {
    expect(adviceFor({ verdict: 'blocked', detail: 'greylisted' }, knowledge).en.title).toBe(
      'Asked to wait as a new sender',
    );
    expect(adviceFor({ verdict: 'blocked', detail: 'of-an-operator' }, knowledge).en.title).toBe(
      'The sender is blocked',
    );
    expect(adviceFor({ verdict: 'networkerror', cause: 'dns-timeout' }, knowledge).en.title).toBe(
      'DNS did not answer',
    );
    expect(adviceFor({ verdict: 'toString' }, knowledge).en.title).toBe('The reason is not known');
  });

  it('speaks of another try only while there is one', () => {
    const refused = { verdict: 'networkerror', cause: 'connect-refused', party: 'nobody' } as const;
    const waiting = { ...refused, state: 'waiting' } as const;
    expect(adviceFor(waiting, knowledge).en.meaning).toContain('Todoku tries again');
    expect(partyFor(waiting, knowledge)).toBe('nobody');
    const expired = { ...refused, state: 'expired' } as const;
    const { ja, en } = adviceFor(expired, knowledge);
    expect(en.meaning).not.toContain('tries again');
    expect(en.meaning).toContain('time limit');
    expect(ja.meaning).toContain('期限');
    expect(partyFor(expired, knowledge)).toBe('recipient-admin');
    expect(en.steps.map(({ party }) => party)).toEqual(['recipient-admin', 'sender', 'operator']);
  });

  it.each([
    ['waiting', 'Not sent yet', 'nobody'],
    ['cancelled', 'Sending was cancelled', 'sender'],
    ['suppressed', 'The address is on the suppression list', 'sender'],
  ] as const)(
    'does not take a message that is %s and was never tried for delivered',
    (state, title, party) => {
      expect(adviceFor({ verdict: null, state, provider: 'au' }, knowledge).en.title).toBe(title);
      expect(partyFor({ verdict: null, state }, knowledge)).toBe(party);
    },
  );

  it('offers a provider’s filter settings only where a filter is the reason', () => {
    const full = adviceFor({ verdict: 'mailboxfull', provider: 'docomo', state: 'bounced' }, knowledge);
    expect(full.ja.steps[0]?.party).toBe('recipient');
    expect(JSON.stringify(full)).not.toContain('My docomo');
  });

  it('does not claim that a carrier which drops silently has shown the mail', () => {
    expect(adviceFor({ verdict: null, provider: 'au' }, knowledge).en.title).toBe(
      'Accepted but maybe not shown',
    );
    expect(adviceFor({ verdict: null, provider: 'gmail' }, knowledge).en.title).toBe(
      "The recipient's server took the mail",
    );
  });
});
