import type { TemplateDescription } from '../cli/index.ts';
import { compileContent } from '../compose/index.ts';
import { readContent } from './content-files.ts';

/** Compiles a template file by itself; what is wrong with it is the same AppError as when a campaign is made of it. */
export async function describeTemplate(file: string): Promise<TemplateDescription> {
  const content = await readContent({
    // Not shown; RFC 6761 §6.4 keeps the name from ever being anybody's.
    from: 'inspection@todoku.invalid',
    replyTo: null,
    subject: 'inspection',
    template: file,
    text: null,
    defaults: {},
  });
  const compiled = compileContent(content, { signers: [] });
  const name = content.html?.name ?? content.text?.name;
  const inspection = compiled.inspect().find(({ template }) => template === name);
  if (inspection === undefined) throw new Error(`no inspection of ${file}`);
  const variables = compiled.variables
    .filter(({ template }) => template === name)
    .map(({ name: variable, line, column, guarded }) => ({ name: variable, line, column, guarded }));
  return { ...inspection, variables };
}
