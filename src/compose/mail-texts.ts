import type { ComposeFailure } from './compose-failure.ts';
import { createContentRenderer } from './content-renderer.ts';
import type { Content } from './content.ts';
import { checkSubject, checkSubjectSource } from './envelope-fields.ts';
import { defaultLimits } from './liquid-engine.ts';
import type { ComposeLimits } from './liquid-engine.ts';
import { textOfOutputs } from './render-frame.ts';
import type { VariableUse } from './template-variables.ts';

/** Subject and bodies as Liquid sources, without a sender. */
export type MailTextSources = Pick<Content, 'subject' | 'html' | 'text' | 'defaults'>;

/** What they become for one mail. */
export type MailTexts = {
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
};

/** Templates compiled once for many mails, each with data of its own. */
export interface CompiledMailTexts {
  readonly variables: readonly VariableUse[];
  /** `data` may be nested: objects and lists as JSON has them. */
  render(
    data: Readonly<Record<string, unknown>>,
    mail: { readonly address: string; readonly dateMs: number },
  ): MailTexts | ComposeFailure;
}

/** Compiles stored templates of applications; what is wrong in them is an `AppError` that names template and line. */
export function compileMailTexts(
  sources: MailTextSources,
  options: { readonly limits?: Partial<ComposeLimits> } = {},
): CompiledMailTexts {
  checkSubjectSource(sources.subject);
  const content: Content = { ...sources, from: '', replyTo: null };
  const limits = { ...defaultLimits, ...options.limits };
  const renderer = createContentRenderer(content, { limits, offsetMinutes: 0 });
  return {
    variables: renderer.variables,
    render(data, { address, dateMs }) {
      const rendered = renderer.render({ address, variables: data }, { dateMs, unsubscribe: null });
      if ('failure' in rendered) return rendered;
      const badSubject = checkSubject(rendered.subject);
      if (badSubject !== null) return badSubject;
      return {
        subject: rendered.subject,
        html: rendered.html === null ? null : textOfOutputs(rendered.html, true),
        // Without a text of its own the text is made with the mail, from the HTML.
        text: sources.text === null || rendered.text === null ? null : textOfOutputs(rendered.text, false),
      };
    },
  };
}
