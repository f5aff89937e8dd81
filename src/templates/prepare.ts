import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { checkSyntax, compileMailTexts } from '../compose/index.ts';
import { compileMjml } from '../mjml/index.ts';
import type { NewTemplate } from './template.ts';

/** A template as it is handed in. */
export type TemplateDraft = Omit<NewTemplate, 'html'> & {
  /** Instead of `mjml`. */
  readonly html: string | null;
};

export type TemplateFault = {
  readonly field: 'subject' | 'html' | 'mjml' | 'text';
  readonly text: Bilingual;
};

/** Compiles it once, so that what is wrong is told now and not by the first mail; MJML becomes HTML here. */
export async function prepareTemplate(draft: TemplateDraft): Promise<NewTemplate | TemplateFault> {
  const { name, domain, subject, mjml, text, defaults } = draft;
  try {
    const html = mjml === null ? draft.html : await htmlOf(mjml);
    const template: NewTemplate = { name, domain, subject, html, mjml, text, defaults };
    compileTemplateTexts(template);
    return template;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { field: fieldOf(error, draft), text: withHint(error) };
  }
}

// A template renders in well under 10 ms, and while it does nobody else is served.
const renderMs = 100;

/** A stored template, compiled for many mails. */
export function compileTemplateTexts(
  template: Pick<NewTemplate, 'subject' | 'html' | 'text' | 'defaults'>,
): ReturnType<typeof compileMailTexts> {
  const { subject, html, text, defaults } = template;
  const sources = {
    subject,
    html: html === null ? null : { name: 'html', source: html },
    text: text === null ? null : { name: 'text', source: text },
    defaults,
  };
  return compileMailTexts(sources, { limits: { renderMs } });
}

async function htmlOf(mjml: string): Promise<string> {
  checkSyntax('mjml', mjml);
  return (await compileMjml('mjml', mjml)).html;
}

/** Errors of templates begin with the template's name, which is the field's. */
function fieldOf(error: AppError, { mjml }: TemplateDraft): TemplateFault['field'] {
  const named = (['subject', 'text', 'mjml', 'html'] as const).find(
    (field) =>
      error.text.en.includes(`${field}:`) ||
      error.text.en.startsWith(`${field} `) ||
      error.text.en.startsWith(`the ${field}`),
  );
  const fallback = mjml === null ? 'html' : 'mjml';
  return named === 'html' ? fallback : (named ?? fallback);
}

function withHint({ text, hint }: AppError): Bilingual {
  return hint === undefined ? text : { ja: `${text.ja}。${hint.ja}`, en: `${text.en}; ${hint.en}` };
}
