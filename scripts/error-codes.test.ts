import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorsPage, scanErrorCodes } from './error-codes.ts';

const source = `
throw new AppError({
  code: 'plain',
  message: { ja: 'それ', en: "it's (so)" },
});
return new AppError({
  code: 'with-values',
  message: {
    ja: \`\${at}: \${names.map((name) => \`「\${name}」\`).join('、')} がない\`,
    en: \`\${at}: no \${file.name}\`,
  },
});
new AppError({ code: field === 'From' ? 'first' : 'second', message: text });
new AppError({ code: error.code, message: error.text });
new AppError({ code, message: text });
`;

it('lists codes with their messages, and names what cannot be listed', () => {
  const root = mkdtempSync(join(tmpdir(), 'todoku-codes-'));
  mkdirSync(join(root, 'src/room'), { recursive: true });
  writeFileSync(join(root, 'src/room/thing.ts'), source);
  writeFileSync(join(root, 'src/room/thing.test.ts'), "new AppError({ code: 'only-in-a-test' })");
  const scan = scanErrorCodes(root);
  rmSync(root, { recursive: true });

  const file = 'src/room/thing.ts';
  expect(scan.sites).toEqual([
    { code: 'plain', file, en: "it's (so)", ja: 'それ' },
    { code: 'with-values', file, en: '‹at›: no ‹name›', ja: '‹at›: ‹join› がない' },
    { code: 'first', file, en: '', ja: '' },
    { code: 'second', file, en: '', ja: '' },
  ]);
  expect(scan.unlisted).toEqual([`${file}:15`]);
  expect(errorsPage(scan.sites)).toContain("| `plain` | it's (so)<br>それ | `src/room/thing.ts` |");
});
