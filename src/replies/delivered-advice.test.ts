import { describe, expect, test } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { adviceFor } from './index.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const delivered = (provider: string | null) =>
  adviceFor({ verdict: null, state: 'delivered', provider }, knowledge);
const stepsFor = (party: string, advice: ReturnType<typeof delivered>) => ({
  ja: advice.ja.steps.find((each) => each.party === party)?.steps ?? [],
  en: advice.en.steps.find((each) => each.party === party)?.steps ?? [],
});

const dropping = knowledge.providers.filter((each) => each.acceptsThenDrops !== null);

describe('a mail that was taken and may not be shown', () => {
  test('some providers are known for it', () => {
    expect(dropping.map(({ id }) => id)).toEqual(expect.arrayContaining(['docomo', 'au', 'softbank']));
  });

  test.each(dropping)(
    '$id: says so, and leads the recipient through its settings',
    ({ id, acceptsThenDrops, recipientSteps }) => {
      const advice = delivered(id);
      expect(advice.ja.meaning).toContain(acceptsThenDrops?.ja);
      expect(advice.en.meaning).toContain(acceptsThenDrops?.en);
      expect(recipientSteps?.ja).not.toEqual([]);
      expect(stepsFor('recipient', advice).ja).toEqual(
        expect.arrayContaining([...(recipientSteps?.ja ?? ['none'])]),
      );
      expect(stepsFor('recipient', advice).en).toEqual(
        expect.arrayContaining([...(recipientSteps?.en ?? ['none'])]),
      );
    },
  );

  test('any other: the spam folder, and the way there where we know it', () => {
    const gmail = knowledge.providers.find(({ id }) => id === 'gmail');
    const { ja } = stepsFor('recipient', delivered('gmail'));
    expect(ja).toEqual(expect.arrayContaining([...(gmail?.recipientSteps?.ja ?? ['none'])]));
    expect(ja.length).toBeGreaterThan(stepsFor('recipient', delivered(null)).ja.length);
    expect(stepsFor('recipient', delivered(null)).en.join(' ')).toContain('spam folder');
  });
});
