import type { ComposeFailure } from './compose-failure.ts';
import type { ComposeRecipient, Content, Stamp } from './content.ts';
import { createEngine } from './liquid-engine.ts';
import type { ComposeLimits } from './liquid-engine.ts';
import { textOfOutputs } from './render-frame.ts';
import type { Output, RecipientValues, Scope } from './render-frame.ts';
import { parseTemplate } from './template.ts';
import { createTemplateRenderer } from './template-renderer.ts';
import type { TemplateRenderer } from './template-renderer.ts';
import { findVariables } from './template-variables.ts';
import type { VariableUse } from './template-variables.ts';
import { TextShapes } from './text-shapes.ts';
import { textOf, escapeHtml } from './value-text.ts';

/** What the templates of a content put out for one recipient; valid until the next. */
export type Rendered = {
  readonly subject: string;
  readonly text: readonly Output[] | null;
  readonly html: readonly Output[] | null;
};

export type ContentRenderer = {
  readonly templates: readonly TemplateRenderer[];
  readonly variables: readonly VariableUse[];
  readonly render: (recipient: Reader, visible: Visible) => Rendered | ComposeFailure;
};

/** A recipient; an application's data may be nested. */
export type Reader = Pick<ComposeRecipient, 'address'> & {
  readonly variables: Readonly<Record<string, unknown>>;
};

/** What of a stamp shows in the templates. */
export type Visible = Pick<Stamp, 'dateMs' | 'notArrivedUrl'> & {
  readonly unsubscribe: { readonly url: string } | null;
};

/** Compiles subject, HTML and text; what is wrong in them is an `AppError` that names template and line. */
export function createContentRenderer(
  content: Content,
  { limits, offsetMinutes }: { readonly limits: ComposeLimits; readonly offsetMinutes: number },
): ContentRenderer {
  let nowMs = 0;
  const engineOptions = { limits, offsetMinutes, nowMs: () => nowMs };
  const plain = createEngine({ ...engineOptions, escape: null });
  // Only what is left to liquidjs is escaped by it; slots are escaped where they are written.
  const escaping = createEngine({ ...engineOptions, escape: (value) => escapeHtml(textOf(value)) });
  const options = { defaults: content.defaults, limits };
  const make = (
    engine: typeof plain,
    name: string,
    { source, places = [] }: Pick<NonNullable<Content['html']>, 'source' | 'places'>,
  ): TemplateRenderer =>
    createTemplateRenderer({ ...parseTemplate(engine, name, source), places }, { ...options, engine });
  const subject = make(plain, 'subject', { source: content.subject });
  const text = content.text === null ? null : make(plain, content.text.name, content.text);
  const html = content.html === null ? null : make(escaping, content.html.name, content.html);
  const shapes = text === null ? new TextShapes() : null;
  const templates = [subject, html, text].filter((each) => each !== null);
  const defaults = new Set(Object.keys(content.defaults));
  const counting = templates.some(({ compiled }) => compiled.changesVariables);
  return {
    templates,
    variables: templates.flatMap(({ template }) => findVariables(template, defaults)),
    render(recipient, visible) {
      nowMs = visible.dateMs;
      const values = valuesFor({ recipient, defaults: content.defaults, visible }, counting);
      const subjectOutputs = subject.render(values);
      if ('failure' in subjectOutputs) return subjectOutputs;
      const fromHtml = html === null ? null : html.render(values);
      if (fromHtml !== null && 'failure' in fromHtml) return fromHtml;
      const own = text === null ? null : text.render(values);
      if (own !== null && 'failure' in own) return own;
      return {
        // A line break at the end of a cell is no second line.
        subject: textOfOutputs(subjectOutputs, false).trim(),
        html: fromHtml,
        text: own ?? (fromHtml === null || shapes === null ? null : shapes.text(fromHtml)),
      };
    },
  };
}

type Given = {
  readonly recipient: Reader;
  readonly defaults: Content['defaults'];
  readonly visible: Visible;
};

function valuesFor(given: Given, counting: boolean): RecipientValues {
  const { recipient, visible } = given;
  let made: Scope | null = null;
  const scope = (): Scope => (made ??= scopeFor(given));
  return {
    address: recipient.address,
    variables: counting ? scope() : recipient.variables,
    unsubscribeUrl: visible.unsubscribe === null ? null : visible.unsubscribe.url,
    notArrivedUrl: visible.notArrivedUrl ?? null,
    scope,
  };
}

/**
 * Defaults stand in for what is missing or empty; `email` is always there, and so are the links unless a column or
 * default gives others. No prototype: `{{ constructor }}` is undefined. compile-name.ts reads the same without it.
 */
function scopeFor({ recipient, defaults, visible }: Given): Scope {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.create is untyped
  const scope = Object.create(null) as Scope;
  Object.assign(scope, { email: recipient.address }, recipient.variables);
  for (const [name, value] of Object.entries(defaults)) {
    if ((scope[name] ?? '') === '') scope[name] = value;
  }
  if (visible.unsubscribe !== null) scope['unsubscribe_url'] ||= visible.unsubscribe.url;
  if (visible.notArrivedUrl !== undefined) scope['not_arrived_url'] ||= visible.notArrivedUrl();
  return scope;
}
