import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { createDiagnosis, newDiagnosisId } from './diagnosis.ts';
import type { DiagnosisAnswer } from './diagnosis.ts';
import { createResultStore } from './result-store.ts';

const envelope = { ip: '192.0.2.7', helo: 'out.example', sender: 'a@b.example' };
const found = { findings: [], score: { points: 10, of: 10, lost: [] } };
const day = 86_400_000;

function world(mailsPerHour = 100): {
  clock: FakeClock;
  folder: string;
  take: (id: string) => Promise<DiagnosisAnswer>;
  results: ReturnType<typeof createResultStore>;
  newId: () => string;
} {
  const clock = new FakeClock(Date.UTC(2026, 10, 24));
  const folder = join(temporaryFolder(), 'diagnosis');
  const results = createResultStore({ folder, clock });
  const diagnose = createDiagnosis({ check: () => Promise.resolve(found), results, clock, mailsPerHour });
  let count = 0;
  const newId = (): string => {
    count += 1;
    const id = newDiagnosisId(clock.now(), (octets) => new Uint8Array(octets).fill(count));
    return `s${id}-abcdefghijklmnop`;
  };
  const take = async (id: string): Promise<DiagnosisAnswer> =>
    await diagnose({ id, mail: Buffer.from('x'), envelope });
  return { clock, folder, take, results, newId };
}

describe('a diagnosis address', () => {
  it('takes mail for a week and shows the result for a week', async () => {
    const { clock, take, results, newId } = world();
    const id = newId();
    expect(results.read(id)).toBeNull();
    expect(await take(id)).toBe('taken');
    expect(results.read(id)).toMatchObject({ id, mails: 1, envelope });
    await clock.advance(7 * day + 1);
    expect(results.read(id)).toBeNull();
    expect(await take(id)).toBe('over');
  });

  it('takes twenty mails', async () => {
    const { take, newId } = world();
    const id = newId();
    for (let mail = 0; mail < 20; mail++) expect(await take(id)).toBe('taken');
    expect(await take(id)).toBe('over');
  });

  it('waits when the hour has had its mails', async () => {
    const { clock, take, newId } = world(2);
    expect([await take(newId()), await take(newId()), await take(newId())]).toEqual([
      'taken',
      'taken',
      'busy',
    ]);
    await clock.advance(day / 24);
    expect(await take(newId())).toBe('taken');
  });

  it('is no id without its form', async () => {
    const { take, results, folder } = world();
    for (const id of ['../../etc/passwd', 'n1-abcdefghijklmnop', 's1-abcdefghijklmnop', '']) {
      expect(await take(id)).toBe('over');
      expect(results.read(id)).toBeNull();
    }
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });
});
