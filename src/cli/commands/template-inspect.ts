import type { Command, CommandContext } from '../command.ts';
import type { TemplateDescription } from '../ports.ts';

/** `todoku template inspect`: whether a template is compiled, and which columns it asks for. */
export const templateInspect: Command = {
  name: 'template inspect',
  summary: {
    ja: 'テンプレートの処理方法と使われる変数を示す',
    en: 'show how a template is rendered and which variables it uses',
  },
  arguments: [
    {
      name: 'file',
      doc: {
        ja: 'HTML、.mjml、または .txt のテキスト',
        en: 'HTML; MJML or text when its name ends in .mjml or .txt',
      },
    },
  ],
  examples: [
    {
      line: 'todoku template inspect newsletter.html',
      doc: { ja: '必要な CSV の列が分かります', en: 'tells which columns the CSV needs' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const described = await product.inspectTemplate(input.argument(0) ?? '');
      if (context.json) context.output.printJson(described);
      else for (const line of linesOf(described, context)) context.output.print(line);
      return 0;
    }),
};

function linesOf(described: TemplateDescription, { say }: CommandContext): readonly string[] {
  const { template, compiled, left, segments, slots, variables } = described;
  const parts = left.map(({ tag, line }) => `{% ${tag} %} (${line})`).join(', ');
  const how = compiled
    ? say({ ja: 'すべてコンパイルされます', en: 'compiled throughout' })
    : say({ ja: `liquidjs が処理する部分（行）: ${parts}`, en: `left to liquidjs (line): ${parts}` });
  const counts = say({
    ja: `固定部分 ${segments}、差し込み ${slots}`,
    en: `${segments} static segments, ${slots} slots`,
  });
  const names = [...new Set(variables.map(({ name }) => name))];
  const lines = names.map((name) => {
    const uses = variables.filter((use) => use.name === name);
    const places = [...new Set(uses.map(({ line }) => line))].join(', ');
    return uses.every(({ guarded }) => guarded)
      ? say({
          ja: `  ${name}: なくてもよい（${places} 行目）`,
          en: `  ${name}: may be missing (line ${places})`,
        })
      : say({ ja: `  ${name}: 必須（${places} 行目）`, en: `  ${name}: required (line ${places})` });
  });
  const title = say(
    lines.length === 0 ? { ja: '変数なし', en: 'no variables' } : { ja: '変数:', en: 'variables:' },
  );
  return [`${template}: ${how}`, counts, title, ...lines];
}
