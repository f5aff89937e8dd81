// An operator's own rule file: heard before the rules of the product, by every command, and named when it is wrong.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createOpenProduct } from '../../src/app/product.ts';
import { runInProcess } from '../support/cli-run.ts';
import type { CliResult } from '../support/cli-run.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const reply = '550 5.1.1 <neko@partner.example.jp>: User unknown (quarantine 77)';

async function classifyWith(rules: string): Promise<CliResult> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'rules/replies'), { recursive: true });
  writeFileSync(join(folder, 'rules/replies/ours.yaml'), rules);
  writeFileSync(join(folder, 'todoku.yaml'), 'knowledge: { folders: [rules] }\n');
  const openProduct = createOpenProduct({ clock: new FakeClock(), random: () => 0.5, version: '1.2.3' });
  const where = ['--config', join(folder, 'todoku.yaml'), '--data', join(folder, 'data'), '--lang', 'en'];
  return await runInProcess(['classify', '--reply', reply, '--json', ...where], { openProduct });
}

test('an own rule wins over the rules of the product', async () => {
  const { exitCode, stdout } = await classifyWith(
    `rules:
  - {id: partner-quarantine, pattern: 'quarantine \\d{1,4}', verdict: filtered, sample: 550 quarantine 12, source: [field], confidence: observed}
`,
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    rule: 'partner-quarantine',
    verdict: 'filtered',
    hardBounce: false,
  });
});

test('a wrong file is named with its line, the fault and the cure', async () => {
  const { exitCode, stderr } = await classifyWith(
    "rules:\n  - {id: ours, pattern: 'cats', verdict: filterd, sample: 550 cats, source: [field], confidence: observed}\n",
  );
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(
    /rules\/replies\/ours\.yaml:2: rules\.0\.verdict: .*"filtered".* — correct that line/,
  );
});
