import { AppError } from '../base/index.ts';
import { sign } from '../protocol/dkim/index.ts';
import type { Signer } from '../protocol/dkim/index.ts';
import { textField, tokenField } from '../protocol/message/index.ts';
import type { HeaderField } from '../protocol/message/index.ts';
import { makeBody } from './body.ts';
import type { Body } from './body.ts';
import { tooLarge } from './compose-failure.ts';
import type { ComposeFailure } from './compose-failure.ts';
import type { ComposeRecipient, Content, Stamp } from './content.ts';
import {
  checkSubject,
  checkSubjectSource,
  recipientField,
  senderFields,
  stampFields,
} from './envelope-fields.ts';
import { compileHtml } from './html-part.ts';
import { createEngine, defaultLimits } from './liquid-engine.ts';
import type { ComposeLimits } from './liquid-engine.ts';
import { parseTemplate, renderTemplate } from './template.ts';
import type { Scope } from './template.ts';
import { findVariables } from './template-variables.ts';
import type { VariableUse } from './template-variables.ts';

export type ComposeOptions = {
  /** One DKIM-Signature each, in this order; none: the message goes unsigned. */
  readonly signers: readonly Signer[];
  /** Each bound that is left out keeps its default. */
  readonly limits?: Partial<ComposeLimits>;
  /** Minutes east of UTC for the Date field and the `date` filter; default 0. */
  readonly offsetMinutes?: number;
};

export type ComposedMessage = {
  /** Complete, signed message with CRLF line ends, ending in CRLF. */
  readonly bytes: Buffer;
  readonly dotSafe: boolean;
  readonly eightBit: boolean;
  readonly smtpUtf8: boolean;
};

/** Content compiled once for many recipients. */
export interface CompiledContent {
  /** Uses of outside variables with their places; `undefinedVariables` compares them with the CSV's columns. */
  readonly variables: readonly VariableUse[];
  compose(recipient: ComposeRecipient, stamp: Stamp): ComposedMessage | ComposeFailure;
  /** Renders without making a message: null when this recipient has all that the templates ask for. */
  tryRender(recipient: ComposeRecipient, dateMs: number): ComposeFailure | null;
}

type Rendered = { readonly subject: string; readonly text: string | null; readonly html: string | null };

/** Compiles templates and checks From, Reply-To and subject; what is wrong with the content is an `AppError`. */
export function compileContent(content: Content, options: ComposeOptions): CompiledContent {
  const limits = { ...defaultLimits, ...options.limits };
  const offsetMinutes = options.offsetMinutes ?? 0;
  if (content.html === null && content.text === null) throw noTemplate();
  const sender = senderFields(content);
  checkSubjectSource(content.subject);
  const renderer = createRenderer(content, limits, offsetMinutes);
  return {
    variables: renderer.variables,
    tryRender(recipient, dateMs) {
      const rendered = renderer.render(recipient, { dateMs, unsubscribe: trialUnsubscribe });
      return 'failure' in rendered ? rendered : checkSubject(rendered.subject);
    },
    compose(recipient, stamp) {
      const rendered = renderer.render(recipient, stamp);
      if ('failure' in rendered) return rendered;
      const badSubject = checkSubject(rendered.subject);
      if (badSubject !== null) return badSubject;
      const to = recipientField(recipient.address);
      if ('failure' in to) return to;
      const stamped = stampFields(stamp, offsetMinutes);
      if ('failure' in stamped) return stamped;
      const body = makeBody(rendered.text, rendered.html, stamp.messageId);
      // Order as mail programs write it; signers and filters do not mind, people reading the source do.
      const fields = [
        stamped.date,
        sender.from,
        ...sender.replyTo,
        to,
        textField('Subject', rendered.subject),
        ...stamped.rest,
        tokenField('MIME-Version', ['1.0']),
        ...body.fields,
      ];
      return finish(fields, body, { signers: options.signers, dateMs: stamp.dateMs, limits });
    },
  };
}

function noTemplate(): AppError {
  return new AppError({
    code: 'no-template',
    message: { ja: '本文のテンプレートがありません', en: 'there is no template for the body' },
    hint: { ja: 'HTML かテキスト、または両方を指定してください', en: 'give HTML, text, or both' },
  });
}

/** What of a stamp shows in the templates. */
type Visible = Pick<Stamp, 'dateMs'> & { readonly unsubscribe: { readonly url: string } | null };

// A trial makes no message, so no link is sealed for it; the name can never resolve (RFC 6761 §6.4).
const trialUnsubscribe = { url: 'https://unsubscribe.invalid/u/trial' };

type Renderer = {
  readonly variables: readonly VariableUse[];
  readonly render: (recipient: ComposeRecipient, visible: Visible) => Rendered | ComposeFailure;
};

function createRenderer(content: Content, limits: ComposeLimits, offsetMinutes: number): Renderer {
  let nowMs = 0;
  const engineOptions = { limits, offsetMinutes, nowMs: () => nowMs };
  const plain = createEngine({ ...engineOptions, escape: null });
  const subject = parseTemplate(plain, 'subject', content.subject);
  const text = content.text === null ? null : parseTemplate(plain, content.text.name, content.text.source);
  const html = content.html === null ? null : compileHtml(content.html, engineOptions);
  const defaults = new Set(Object.keys(content.defaults));
  const templates = [subject, ...(html === null ? [] : [html.template]), ...(text === null ? [] : [text])];
  return {
    variables: templates.flatMap((template) => findVariables(template, defaults)),
    render(recipient, visible) {
      nowMs = visible.dateMs;
      const scope = scopeFor(recipient, content.defaults, visible);
      const subjectLine = renderTemplate(plain, subject, scope);
      if (typeof subjectLine !== 'string') return subjectLine;
      const fromHtml = html === null ? { html: null, text: null } : html.render(scope, text === null);
      if ('failure' in fromHtml) return fromHtml;
      const plainText = text === null ? fromHtml.text : renderTemplate(plain, text, scope);
      if (plainText !== null && typeof plainText !== 'string') return plainText;
      // A line break at the end of a cell is no second line.
      return { subject: subjectLine.trim(), html: fromHtml.html, text: plainText };
    },
  };
}

/**
 * Defaults stand in for what is missing or empty; `email` is always there, and so is `unsubscribe_url` unless a column
 * or default gives another. No prototype: `{{ constructor }}` is undefined.
 */
function scopeFor(recipient: ComposeRecipient, defaults: Content['defaults'], visible: Visible): Scope {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.create is untyped
  const scope = Object.create(null) as Record<string, string>;
  Object.assign(scope, { email: recipient.address }, recipient.variables);
  for (const [name, value] of Object.entries(defaults)) {
    if ((scope[name] ?? '') === '') scope[name] = value;
  }
  if (visible.unsubscribe !== null) scope['unsubscribe_url'] ||= visible.unsubscribe.url;
  return scope;
}

type Finishing = {
  readonly signers: readonly Signer[];
  readonly dateMs: number;
  readonly limits: ComposeLimits;
};

function finish(
  fields: readonly HeaderField[],
  body: Body,
  { signers, dateMs, limits }: Finishing,
): ComposedMessage | ComposeFailure {
  if (body.bytes.length > limits.messageBytes) return tooLarge(limits.messageBytes);
  // t= is the message's own date, so that each attempt gives the same bytes.
  const signable = { headers: fields, body: body.bytes, bodyForm: 'quoted-printable' } as const;
  const signatures = sign(signable, signers, dateMs / 1000);
  const head = Buffer.from(
    `${[...signatures, ...fields].map((field) => field.line).join('\r\n')}\r\n\r\n`,
    'utf8',
  );
  const bytes = Buffer.concat([head, body.bytes]);
  if (bytes.length > limits.messageBytes) return tooLarge(limits.messageBytes);
  const utf8 = fields.some((field) => field.utf8);
  // Header lines begin with a letter or a space, body lines are dot-safe by `encodeQuotedPrintable`, delimiters begin
  // with `--`. RFC 6532 headers need both 8BITMIME and SMTPUTF8 (RFC 6531 §3.1).
  return { bytes, dotSafe: true, eightBit: utf8, smtpUtf8: utf8 };
}
