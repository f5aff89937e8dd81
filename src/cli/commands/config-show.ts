import { originText } from '../../config/index.ts';
import type { EffectiveValue } from '../../config/index.ts';
import type { Command } from '../command.ts';
import { tableText } from '../table.ts';

/** `todoku config show`: each value in effect and where it came from; keys appear as file names, never contents. */
export const configShow: Command = {
  name: 'config show',
  summary: {
    ja: '有効な設定値と、それぞれの出どころを表示する',
    en: 'show the values in effect and where each came from',
  },
  examples: [
    { line: 'todoku config show', doc: { ja: 'すべての設定を表にします', en: 'all keys as a table' } },
    {
      line: 'todoku config show --json',
      doc: { ja: '同じ内容をプログラム向けに', en: 'the same for programs' },
    },
  ],
  run: async (context) => {
    const reading = context.readConfig();
    if (!reading.ok) {
      throw reading.errors[0] ?? new Error('a failed reading of the configuration names no error');
    }
    if (context.json) {
      context.output.printJson({ file: reading.file, values: jsonValues(reading.values) });
      return 0;
    }
    const text = tableText({
      columns: [
        { title: context.say({ ja: '設定', en: 'key' }) },
        { title: context.say({ ja: '出どころ', en: 'from' }) },
        { title: context.say({ ja: '値', en: 'value' }) },
      ],
      rows: reading.values.map((value) => [value.key, originText(value.origin), shown(value.value)]),
    });
    context.output.print(text);
    return 0;
  },
};

function shown(value: unknown): string {
  if (value === null) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function jsonValues(values: readonly EffectiveValue[]): Record<string, { value: unknown; origin: string }> {
  return Object.fromEntries(
    values.map(({ key, value, origin }) => [key, { value, origin: originText(origin) }]),
  );
}
