import * as fc from 'fast-check';
import { LiquidError } from 'liquidjs';
import type { Liquid } from 'liquidjs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../base/index.ts';
import { QuotedPrintableWriter } from '../protocol/message/index.ts';
import { createEngine, defaultLimits } from './liquid-engine.ts';
import { parseTemplate, renderFailure } from './template.ts';
import type { Template } from './template.ts';
import { createTemplateRenderer } from './template-renderer.ts';
import type { TemplateRenderer } from './template-renderer.ts';
import { escapeHtml, textOf } from './value-text.ts';

type Variables = Readonly<Record<string, string>>;
type Answer = { readonly text: string } | { readonly failure: string; readonly line: number | undefined };

const limits = { ...defaultLimits, renderMs: 5_000 };
const defaults = { d: 'default', e: '' };

const engineFor = (escaping: boolean): Liquid =>
  createEngine({
    limits,
    offsetMinutes: 540,
    nowMs: () => 1_790_000_000_000,
    escape: escaping ? (value) => escapeHtml(textOf(value)) : null,
  });
const engines = { html: engineFor(true), text: engineFor(false) };

function scopeOf(variables: Variables): Record<string, unknown> {
  const scope: Record<string, unknown> = { email: 'taro@example.jp', ...variables };
  for (const [name, value] of Object.entries(defaults)) if ((scope[name] ?? '') === '') scope[name] = value;
  return Object.assign(Object.create(null) as Record<string, unknown>, scope);
}

/** What liquidjs itself makes of a template. */
function byLiquid(engine: Liquid, template: Template, variables: Variables): Answer {
  try {
    return { text: String(engine.renderSync(template.parts, scopeOf(variables))) };
  } catch (error) {
    if (!LiquidError.is(error)) throw error;
    const failed = renderFailure(template, error);
    return { failure: failed.failure, line: failed.at?.line };
  }
}

const writer = new QuotedPrintableWriter();

/** What a mail program reads of the compiled template's body; checks the body's form on the way. */
function byCompiled(renderer: TemplateRenderer, escaping: boolean, variables: Variables): Answer {
  const scope = scopeOf(variables);
  const outputs = renderer.render({
    address: 'taro@example.jp',
    variables: renderer.compiled.changesVariables ? scope : variables,
    unsubscribeUrl: null,
    scope: () => scope,
  });
  if ('failure' in outputs) return { failure: outputs.failure, line: outputs.at?.line };
  writer.clear();
  for (const output of outputs) {
    if (typeof output === 'string') writer.text(output, escaping);
    else if ('raw' in output) writer.text(output.raw, false);
    else writer.piece(output);
  }
  writer.endText();
  const raw = writer.written.toString('latin1');
  expect(raw).not.toMatch(/=_| {2}| \r\n|[^\x20-\x7e\r\n]|^\.|\n\.|[^\n]{78}/);
  const octets = raw
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { text: Buffer.from(octets, 'latin1').toString('utf8') };
}

const normalised = (answer: Answer): Answer =>
  'text' in answer ? { text: answer.text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n') } : answer;

/** true when both agree; undefined when the source is no template. */
function agree(source: string, variables: Variables): boolean | undefined {
  for (const kind of ['html', 'text'] as const) {
    let template: Template;
    try {
      template = parseTemplate(engines[kind], 't', source);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
    const renderer = createTemplateRenderer(template, { engine: engines[kind], defaults, limits });
    const expected = normalised(byLiquid(engines[kind], template, variables));
    // Twice: nothing of one recipient may show with the next.
    expect(byCompiled(renderer, kind === 'html', variables)).toEqual(expected);
    expect(byCompiled(renderer, kind === 'html', variables)).toEqual(expected);
  }
  return true;
}

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

const joined = (...parts: readonly (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((each) => each.join(''));

const text = fc.oneof(
  oneOf(
    'x',
    ' ',
    '  ',
    '\n',
    '\r',
    '\r\n',
    '.',
    '..',
    '=',
    '\n.\n',
    '秋',
    '😀',
    '<p>',
    '</p>\n',
    '&amp; ',
    '"',
    '-',
  ),
  oneOf('x'.repeat(74), 'x'.repeat(75), 'x'.repeat(76), 'あ'.repeat(30), ' word'.repeat(20), '}', '%'),
  fc.string({ unit: 'binary', maxLength: 12 }).map((each) => each.replaceAll(/[{}%]/g, '')),
);
const variable = oneOf(
  'a',
  'b',
  'c',
  'd',
  'e',
  'email',
  'u',
  'v',
  'w',
  'i',
  'j',
  'size',
  'constructor',
  '["a b"]',
);
const operand = fc.oneof(
  { weight: 6, arbitrary: variable },
  oneOf('"lit"', "'x,y,z'", '1', '2.5', '-3', 'true', 'false', 'nil', 'blank', 'empty', '""'),
  oneOf(
    'a.size',
    'u.deep',
    'l.first',
    'l[1]',
    'l.last',
    '(1..3)',
    'forloop',
    'forloop.index',
    'forloop.last',
  ),
  oneOf('forloop.rindex0', 'forloop.nothing', 'i.size', 'a["size"]', 'l.size', 'b.first'),
);
const filter = fc.oneof(
  oneOf(
    ' | upcase',
    ' | downcase',
    ' | capitalize',
    ' | size',
    ' | strip',
    ' | escape',
    ' | raw',
    ' | url_encode',
  ),
  oneOf(
    ' | split: ","',
    ' | join: "+"',
    ' | first',
    ' | last',
    ' | reverse',
    ' | sort',
    ' | uniq',
    ' | compact',
  ),
  oneOf(
    ' | slice: 0, 1',
    ' | slice: -1',
    ' | truncate: 5',
    ' | truncatewords: 2',
    ' | newline_to_br',
    ' | strip_html',
  ),
  oneOf(
    ' | plus: 1',
    ' | times: 2.5',
    ' | divided_by: 3',
    ' | modulo: 2',
    ' | round',
    ' | abs',
    ' | at_most: 2',
  ),
  oneOf(
    ' | date: "%Y-%m-%d"',
    ' | json',
    ' | escape_once',
    ' | default: "", allow_false: true',
    ' | lstrip | rstrip',
  ),
  joined(
    oneOf(' | default: ', ' | append: ', ' | prepend: ', ' | remove: ', ' | plus: ', ' | concat: '),
    operand,
  ),
  joined(' | replace: ', operand, ', ', operand),
);
const filtered = joined(
  operand,
  fc.array(filter, { maxLength: 3 }).map((each) => each.join('')),
);
const comparison = joined(
  operand,
  oneOf(' == ', ' != ', ' < ', ' > ', ' <= ', ' >= ', ' contains '),
  operand,
);
const condition = fc.oneof(
  operand,
  comparison,
  joined('not ', operand),
  joined(comparison, oneOf(' and ', ' or '), fc.oneof(comparison, operand)),
  filtered,
);
const open = oneOf('{% ', '{%- ', '{%');
const close = oneOf(' %}', ' -%}', '%}');
const tag = (...inner: readonly (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> =>
  joined(open, ...inner, close);
const modifiers = fc
  .array(oneOf(' limit: 2', ' limit:b', ' offset: 1', ' offset:continue', ' reversed', ' offset: "1"'), {
    maxLength: 2,
  })
  .map((each) => each.join(''));

const { template } = fc.letrec<{ template: string; part: string }>((tie) => ({
  template: fc.array(tie('part'), { maxLength: 6, size: 'small' }).map((parts) => parts.join('')),
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    joined(oneOf('{{ ', '{{- ', '{{'), filtered, oneOf(' }}', ' -}}', '}}')),
    tag('assign ', oneOf('u', 'v', 'a', 'l'), ' = ', filtered),
    tag('assign l = ', oneOf('"x,y,z"', 'a', 'c'), ' | split: ","'),
    tag(oneOf('break', 'continue', '# note', 'increment a', 'decrement n', 'cycle "x", a', 'cycle a, "<b>"')),
    tag('echo ', filtered),
    joined(open, 'liquid\n assign v = a\n echo v | upcase\n', close),
    joined(tag('comment'), tie('part'), tag('endcomment')),
    joined(tag('raw'), oneOf('{{ a }}', ' {% x %}\n', '.'), tag('endraw')),
    joined(tag('if ', condition), tie('template'), tag('endif')),
    joined(tag('if ', condition), tie('template'), tag('elsif ', condition), tie('template'), tag('else'), tie('template'), tag('endif')),
    joined(tag('unless ', condition), tie('template'), tag('else'), tie('template'), tag('endunless')),
    joined(tag('unless ', condition), tie('template'), tag('elsif ', condition), tie('template'), tag('endunless')),
    joined(tag('case ', filtered), tag('when ', operand, oneOf(', ', ' or '), operand), tie('template'), tag('when ', operand), tie('template'), tag('else'), tie('template'), tag('endcase')),
    joined(tag('for ', oneOf('i', 'j', 'a'), ' in ', fc.oneof(operand, oneOf('l', '(1..3)', '(1..b)')), modifiers), tie('template'), tag('endfor')),
    joined(tag('for i in ', oneOf('l', 'c', 'u'), modifiers), tie('template'), tag('else'), tie('template'), tag('endfor')),
    joined(tag('capture ', oneOf('u', 'v', '"w"')), tie('template'), tag('endcapture')),
    joined(tag('tablerow i in (1..3) cols:2'), tie('template'), tag('endtablerow')),
  ),
})); // prettier-ignore

const value = fc.oneof(
  oneOf(
    '',
    ' ',
    'a',
    'true',
    '1',
    '3',
    'x,y',
    '.',
    ' .',
    '\r',
    '\n',
    '\r\n',
    '=',
    '<b>&"\'',
    '😀',
    '\ud83d',
    '\ude00',
  ),
  oneOf('山田 太郎', 'word '.repeat(30), '.\n'.repeat(9), 'x'.repeat(10_000), 'あ&\r\n '.repeat(2_000)),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(text, { maxLength: 8 }).map((parts) => parts.join('')),
);
const variables = fc.record(
  { a: value, b: value, c: value, d: value, 'a b': value },
  { requiredKeys: ['a', 'b'] },
);

describe('a compiled template', () => {
  it('reads as what liquidjs renders, byte for byte, and fails where and as liquidjs fails', () => {
    let compared = 0;
    fc.assert(
      fc.property(template, variables, (source, given) => {
        if (agree(source, given) !== undefined) compared += 1;
      }),
      { numRuns: 1_500 },
    );
    // Most of what the grammar makes must be templates, or nothing was tried.
    expect(compared).toBeGreaterThan(500);
  });
});
