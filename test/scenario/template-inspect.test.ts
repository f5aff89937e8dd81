import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createOpenProduct } from '../../src/app/product.ts';
import { runInProcess } from '../support/cli-run.ts';
import type { CliResult } from '../support/cli-run.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function inspect(name: string, source: string, ...more: readonly string[]): Promise<CliResult> {
  const folder = temporaryFolder();
  const file = join(folder, name);
  writeFileSync(file, source);
  const openProduct = createOpenProduct({ clock: new FakeClock(), random: () => 0.5, version: '1.2.3' });
  const result = await runInProcess(
    ['template', 'inspect', file, '--data', join(folder, 'data'), '--lang', 'en', ...more],
    { openProduct },
  );
  // It asks no data folder and makes none.
  expect(readdirSync(folder)).toEqual([name]);
  return result;
}

const source =
  '<p>{{ name }} {{ coupon | default: "x" }}</p>\n{% tablerow i in (1..3) %}{{ i }}{% endtablerow %}\n';

test('a template is described for people, with the columns that it asks for', async () => {
  const { exitCode, stdout } = await inspect('n.html', source);
  expect(exitCode).toBe(0);
  expect(stdout).toBe(
    [
      'n.html: left to liquidjs (line): {% tablerow %} (2)',
      '4 static segments, 3 slots',
      'variables:',
      '  name: required (line 1)',
      '  coupon: may be missing (line 1)',
      '',
    ].join('\n'),
  );
});

test('a template is described as JSON, a text by the end of its name', async () => {
  const { exitCode, stdout } = await inspect('n.txt', 'Hi {{ name }}{% if vip %}!{% endif %}', '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    template: 'n.txt',
    compiled: true,
    reason: null,
    left: [],
    segments: 2,
    slots: 1,
    variables: [
      { name: 'name', line: 1, column: 7, guarded: false },
      { name: 'vip', line: 1, column: 20, guarded: true },
    ],
  });
});

test('a template with a mistake is refused in one line that names its place', async () => {
  const { exitCode, stderr } = await inspect('n.html', 'a\n{% if x %}');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^todoku: template n\.html:2: tag .* not closed — [^\n]+\n$/);
});

test('an MJML template is described by its own lines', async () => {
  const mjml = [
    '<mjml><mj-body>',
    '{% if vip %}',
    '<mj-section><mj-column><mj-text>',
    '  {{ name }} {% cycle "a", "b" %}',
    '</mj-text></mj-column></mj-section>',
    '{% endif %}',
    '</mj-body></mjml>',
  ].join('\n');
  const { exitCode, stdout } = await inspect('n.mjml', mjml, '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    template: 'n.mjml',
    compiled: false,
    left: [{ tag: 'cycle', line: 4 }],
    variables: [
      { name: 'vip', line: 2, column: 7, guarded: true },
      { name: 'name', line: 4, column: 6, guarded: false },
    ],
  });
});
