import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { maskAddresses } from './mask-addresses.ts';

function logged(options: { readonly maskAddresses: boolean; readonly level?: 'info' | 'debug' }) {
  const lines: string[] = [];
  const log = createLog({ level: 'info', ...options, write: (line) => lines.push(line) });
  return { log, lines };
}

test('a line is one JSON object with level, time, event, words and facts', () => {
  const { log, lines } = logged({ maskAddresses: false });
  log.warn('held', 'rests\nfor a while', { site: 'mx.example', error: new Error('no') });
  log.debug('settled', 'not written');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn',
    event: 'held',
    msg: 'rests\nfor a while',
    site: 'mx.example',
    error: { type: 'Error', message: 'no' },
  });
  expect(lines[0]).toMatch(/"time":"\d{4}-\d\d-\d\dT[\d:.]+Z"/);
  expect([log.writes('info'), log.writes('debug')]).toEqual([true, false]);
});

test('masking reaches words, facts, nested facts and errors, and leaves a JSON object', () => {
  const { log, lines } = logged({ maskAddresses: true });
  log.info('x', 'to taro@example.jp and <"taro \\" yamada"@example.jp>, 太郎@例え.jp', {
    reply: '550 <hanako.y+tag@d.example>: unknown',
    nested: [{ to: "o'brien@x.example" }],
    error: new Error('jiro@[192.0.2.1] said no'),
  });
  const [line = ''] = lines;
  expect(line).not.toMatch(/taro|yamada|太郎|hanako|brien|jiro/);
  expect(JSON.parse(line)).toMatchObject({ reply: '550 <h***@d.example>: unknown' });
});

test('no local part of an address survives, whatever it is made of', () => {
  const atext = fc.stringMatching(/^[a-z0-9!#$%&*+/=?^_{|}~-]{3,20}(\.[a-z0-9ぁ-ん]{3,10})?$/);
  const around = fc.constantFrom('', '<', 'to:', '"', '(', ',');
  fc.assert(
    fc.property(around, atext, (before, local) => {
      const masked = maskAddresses(JSON.stringify({ text: `${before}${local}@d.example` }));
      expect(masked).not.toContain(`${local.slice(1)}@`);
      expect(JSON.parse(masked)).toEqual({ text: `${before}${local.slice(0, 1)}***@d.example` });
    }),
  );
});

test('a long line without an end of an address costs no time to speak of', () => {
  const line = `${'a'.repeat(200_000)} @ ${'"\\'.repeat(50_000)}`;
  expect(maskAddresses(line)).toBe(line);
});
