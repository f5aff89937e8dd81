import { describe, expect, test } from 'vitest';
import { loadFindingTexts } from '../../findings/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../knowledge/index.ts';
import { loadFaults } from './faults.ts';
import { remedyOf } from './remedy.ts';
import { lastResort, measured, walk } from './walk.ts';

const folder = defaultKnowledgeFolder();
const faults = loadFaults(folder, loadKnowledge(folder).providers);

// Why people do not get their mail, as support desks in Japan and abroad tell it: none may be out of reach.
const causesOfTheField = [
  'isolate-side',
  'provider-outage',
  'op25b',
  'security-software',
  'spam-folder',
  'pop-cannot-see-spam',
  'sorting-rule',
  'address-typo',
  'attachment-size',
  'recipient-mailbox-full',
  'pop-leave-on-server',
  'pop-lock',
  'wrong-password',
  'oauth-only',
  'docomo-imap-password',
  'tls-version',
  'plain-port-ended',
  'dbx-2gb',
  'pst-ost-limit',
  'thunderbird-mbox',
  'disk-full',
  'offline-mode',
  'clock',
  'carrier-silent-filter',
  'forwarding-breaks-auth',
  'domain-expired',
  'foreign-smtp-restriction',
];

type Way = { readonly answers: readonly string[]; readonly cause: string };

/** Every way through the questions. */
function allWays(answers: readonly string[] = []): readonly Way[] {
  const step = walk(faults, answers, 'en');
  if (step.kind === 'cause') return [{ answers, cause: step.id }];
  if (step.kind === 'astray') throw new Error(`astray at ${answers.join('/')}`);
  return step.choices.flatMap(({ id }) => allWays([...answers, id]));
}

const ways = allWays();

// A symptom and its questions; who is asked more gives up. Ten is for who contradicts himself, the rest end at nine.
const mostAnswers = 10;
const usualAnswers = 6;

describe('the ways through the questions', () => {
  test.each(causesOfTheField)('%s can be reached', (cause) => {
    expect(ways.some((way) => way.cause === cause)).toBe(true);
  });

  test('no cause is there for nothing', () => {
    const reached = new Set(ways.map(({ cause }) => cause));
    expect([...faults.causes.keys()].filter((cause) => !reached.has(cause))).toEqual([]);
  });

  test('every question is asked on some way, and each way ends soon', () => {
    const asked = new Set<string>();
    for (const { answers } of ways)
      for (let count = 1; count < answers.length; count += 1) {
        const step = walk(faults, answers.slice(0, count), 'en');
        if (step.kind === 'question') asked.add(step.id);
      }
    expect([...faults.questions.keys()].filter((question) => !asked.has(question))).toEqual([]);
    expect(Math.max(...ways.map(({ answers }) => answers.length))).toBeLessThanOrEqual(mostAnswers);
  });

  test('each cause has a short way', () => {
    const shortest = new Map<string, number>();
    for (const { answers, cause } of ways)
      shortest.set(cause, Math.min(shortest.get(cause) ?? Number.POSITIVE_INFINITY, answers.length));
    expect([...shortest].filter(([, length]) => length > usualAnswers)).toEqual([]);
  });

  test('the usual ones come first: the first answer of each symptom is at most four questions from a cause', () => {
    for (const { id } of faults.symptoms)
      expect(
        Math.min(...ways.filter(({ answers }) => answers[0] === id).map(({ answers }) => answers.length)),
      ).toBeLessThan(5);
  });

  test('what was answered is told in both languages', () => {
    for (const language of ['ja', 'en'] as const) {
      const step = walk(faults, ['missing', 'nowhere', 'some', 'carrier'], language);
      if (step.kind !== 'cause') throw new Error(step.kind);
      expect(step.id).toBe('carrier-silent-filter');
      expect(step.trail).toHaveLength(4);
    }
  });

  test('made-up answers go astray', () => {
    for (const answers of [
      ['x'],
      ['missing', 'x'],
      ['missing', 'other', 'x'],
      ['__proto__'],
      ['missing', 'constructor'],
    ])
      expect(walk(faults, answers, 'en').kind).toBe('astray');
  });
});

describe('what to do', () => {
  test('every cause has steps in both languages, and a place adds its own', () => {
    for (const [cause, { place }] of faults.causes)
      for (const language of ['ja', 'en'] as const) {
        const remedy = remedyOf(faults, cause, { language, place: null });
        expect(remedy?.steps.length).toBeGreaterThan(1);
        expect([cause, (remedy?.places.length ?? 0) > 0]).toEqual([cause, place !== null]);
        for (const { id } of remedy?.places ?? [])
          expect(remedyOf(faults, cause, { language, place: id })?.place?.steps.length).toBeGreaterThan(0);
      }
  });

  test('a carrier’s own steps', () => {
    const remedy = remedyOf(faults, 'carrier-silent-filter', { language: 'ja', place: 'docomo' });
    expect(remedy?.place?.steps.join('')).toContain('My docomo');
  });

  test('the size of files a provider takes allows for their growth in a mail', () => {
    const remedy = remedyOf(faults, 'attachment-size', { language: 'en', place: 'au' });
    expect(remedy?.place?.steps).toEqual(['It takes mails of up to 3 MB, which is about 2.2 MB of files.']);
  });

  test('servers to type in', () => {
    const remedy = remedyOf(faults, 'op25b', { language: 'en', place: 'ocn' });
    expect(remedy?.place?.steps).toEqual(['sending (SMTP): smtp.ocn.ne.jp 465 SSL/TLS']);
  });

  test('Japanese is written in Japanese, and English in English', () => {
    const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
    for (const { ja, en } of faults.causes.values()) {
      expect([ja.title, japanese.test(ja.title)]).toEqual([ja.title, true]);
      expect([en.title, japanese.test(en.title + en.meaning)]).toEqual([en.title, false]);
    }
  });
});

test('checks answer with findings that there are', () => {
  const texts = loadFindingTexts(folder);
  const asked = [...faults.questions.values()].flatMap(({ measure }) => measure?.answers ?? []);
  expect(asked.map(({ finding }) => finding).filter((finding) => !texts.has(finding))).toEqual([]);
});

test('a check answers in the person’s place', () => {
  const registered = faults.questions.get('registered')?.measure;
  if (registered === undefined) throw new Error('no measure');
  expect(measured(registered, [{ id: 'address.mistyped-domain' }])).toBe('wrong');
  expect(measured(registered, [{ id: 'address.good' }])).toBeNull();
  expect(faults.causes.has(lastResort)).toBe(true);
});
