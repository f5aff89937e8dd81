import { AppError } from '../base/index.ts';
import { prepareField, sign } from '../protocol/dkim/index.ts';
import type { Signer } from '../protocol/dkim/index.ts';
import { textField, tokenField } from '../protocol/message/index.ts';
import type { HeaderField } from '../protocol/message/index.ts';
import { createBodyForm } from './body.ts';
import { tooLarge } from './compose-failure.ts';
import type { ComposeFailure } from './compose-failure.ts';
import type { ComposeRecipient, Content, Stamp } from './content.ts';
import { createContentRenderer } from './content-renderer.ts';
import {
  checkSubject,
  checkSubjectSource,
  createStampFields,
  recipientField,
  senderFields,
} from './envelope-fields.ts';
import { inspectTemplate } from './inspection.ts';
import type { TemplateInspection } from './inspection.ts';
import { defaultLimits } from './liquid-engine.ts';
import type { ComposeLimits } from './liquid-engine.ts';
import { messageBuffer } from './message-buffers.ts';
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
  /** Complete, signed message with CRLF line ends, ending in CRLF. See `recycleMessage`. */
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
  /** How each template is rendered. */
  inspect(): readonly TemplateInspection[];
}

/** Compiles templates and checks From, Reply-To and subject; what is wrong with the content is an `AppError`. */
export function compileContent(content: Content, options: ComposeOptions): CompiledContent {
  const limits = { ...defaultLimits, ...options.limits };
  const offsetMinutes = options.offsetMinutes ?? 0;
  if (content.html === null && content.text === null) throw noTemplate();
  const sender = senderFields(content);
  checkSubjectSource(content.subject);
  const renderer = createContentRenderer(content, { limits, offsetMinutes });
  const body = createBodyForm(content.html === null ? 'text' : 'alternative', {
    source: JSON.stringify(content),
    largestOctets: limits.messageBytes,
  });
  const senders = [sender.from, ...sender.replyTo].map(prepareField);
  const last = [tokenField('MIME-Version', ['1.0']), ...body.fields].map(prepareField);
  const toSubjectField = remembered((subject: string) => textField('Subject', subject));
  const stampFields = createStampFields(offsetMinutes);
  return {
    variables: renderer.variables,
    inspect: () => renderer.templates.map(inspectTemplate),
    tryRender(recipient, dateMs) {
      const rendered = renderer.render(recipient, { dateMs, ...trialLinks });
      return 'failure' in rendered ? rendered : checkSubject(rendered.subject);
    },
    compose(recipient, stamp) {
      const rendered = renderer.render(recipient, stamp);
      if ('failure' in rendered) return rendered;
      const badSubject = checkSubject(rendered.subject);
      if (badSubject !== null) return badSubject;
      const to = recipientField(recipient.address);
      if ('failure' in to) return to;
      const stamped = stampFields(stamp);
      if ('failure' in stamped) return stamped;
      const bytes = body.write(rendered.text, rendered.html);
      if (bytes === null) return tooLarge(limits.messageBytes);
      // Order as mail programs write it; signers and filters do not mind, people reading the source do.
      const subject = toSubjectField(rendered.subject);
      const fields = [stamped.date, ...senders, to, subject, ...stamped.rest, ...last];
      return finish(fields, bytes, { signers: options.signers, dateMs: stamp.dateMs, limits });
    },
  };
}

// A trial makes no message, so no link is sealed for it; the name can never resolve (RFC 6761 §6.4).
const trialLinks = {
  unsubscribe: { url: 'https://unsubscribe.invalid/u/trial' },
  notArrivedUrl: () => 'https://unsubscribe.invalid/n/trial',
};

/** Keeps the last answer: many campaigns have one subject for all. */
function remembered<T>(make: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly made: T } | null = null;
  return (text) => {
    if (last?.text !== text) last = { text, made: make(text) };
    return last.made;
  };
}

function noTemplate(): AppError {
  return new AppError({
    code: 'no-template',
    message: { ja: '本文のテンプレートがありません', en: 'there is no template for the body' },
    hint: { ja: 'HTML かテキスト、または両方を指定してください', en: 'give HTML, text, or both' },
  });
}

type Finishing = {
  readonly signers: readonly Signer[];
  readonly dateMs: number;
  readonly limits: ComposeLimits;
};

function finish(
  fields: readonly HeaderField[],
  body: Buffer,
  { signers, dateMs, limits }: Finishing,
): ComposedMessage | ComposeFailure {
  // t= is the message's own date, so that each attempt gives the same bytes.
  const signable = { headers: fields, body, bodyForm: 'quoted-printable' } as const;
  const signatures = sign(signable, signers, dateMs / 1000);
  let head = '';
  let utf8 = false;
  for (const { line } of signatures) head += `${line}\r\n`;
  for (const field of fields) {
    head += `${field.line}\r\n`;
    utf8 ||= field.utf8;
  }
  head += '\r\n';
  const headOctets = utf8 ? Buffer.byteLength(head, 'utf8') : head.length;
  if (headOctets + body.length > limits.messageBytes) return tooLarge(limits.messageBytes);
  const bytes = messageBuffer(headOctets + body.length);
  bytes.write(head, utf8 ? 'utf8' : 'latin1');
  bytes.set(body, headOctets);
  // Header lines begin with a letter or a space, body lines are dot-safe by the quoted-printable writer, delimiters begin
  // with `--`. RFC 6532 headers need both 8BITMIME and SMTPUTF8 (RFC 6531 §3.1).
  return { bytes, dotSafe: true, eightBit: utf8, smtpUtf8: utf8 };
}
