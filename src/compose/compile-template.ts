import {
  AssignTag,
  BreakTag,
  CaptureTag,
  CaseTag,
  CommentTag,
  ContinueTag,
  EchoTag,
  ForTag,
  IfTag,
  InlineCommentTag,
  LiquidTag,
  Output,
  RawTag,
  TypeGuards,
  UnlessTag,
  Value,
  analyzeSync,
  toValueSync,
} from 'liquidjs';
import type { Liquid, Template as LiquidTemplate } from 'liquidjs';
import { quotedPrintablePiece } from '../protocol/message/index.ts';
import { siteOf } from './compilation.ts';
import type { Compilation, Run } from './compilation.ts';
import { compileCase, compileIf } from './compile-branch.ts';
import { compileLoop } from './compile-loop.ts';
import { compileValue, escapesOutput } from './compile-expression.ts';
import type { RenderFrame } from './render-frame.ts';
import { placeInFile } from './source-place.ts';
import type { Template } from './template.ts';
import { textOf } from './value-text.ts';

/** A template compiled to static pieces and slots between them. */
export type CompiledTemplate = {
  readonly run: Run;
  /** Static texts, each encoded once. */
  readonly segments: number;
  /** Places where values are put out. */
  readonly slots: number;
  /** The parts that are rendered by liquidjs itself. */
  readonly left: readonly { readonly tag: string; readonly line: number }[];
  /** Some of them may be `increment` or `decrement`, which change the variables for all templates of the message. */
  readonly changesVariables: boolean;
};

/** Compiles from liquidjs' syntax tree. What it does not know is kept as a part that liquidjs renders. */
export function compileTemplate(
  engine: Liquid,
  template: Template,
  defaults: Readonly<Record<string, string>>,
): CompiledTemplate {
  const { locals } = analyzeSync(template.parts, { partials: false });
  const compilation: Compilation = {
    engine,
    defaults,
    places: template.places,
    assigned: new Set(Object.keys(locals)),
    loops: [],
    inCase: false,
    counts: { segments: 0, slots: 0 },
    left: [],
    parts: compileParts,
  };
  const run = compileParts(template.parts, compilation);
  const { counts, left } = compilation;
  return { run, ...counts, left, changesVariables: left.some(({ tag }) => tag !== 'cycle') };
}

function compileParts(parts: readonly LiquidTemplate[], compilation: Compilation): Run {
  const runs: Run[] = [];
  let text = '';
  let mayHalt = compilation.inCase;
  const flush = (): void => {
    if (text !== '') runs.push(compileText(text, compilation));
    text = '';
  };
  for (const part of parts) {
    const fixed = fixedText(part);
    if (fixed === null) {
      flush();
      runs.push(compilePart(part, compilation));
      mayHalt ||= !(part instanceof Output) && !(part instanceof EchoTag) && !(part instanceof AssignTag);
    } else {
      text += fixed;
      if (compilation.inCase) flush();
    }
  }
  flush();
  return mayHalt ? runUntilHalted(runs) : runAll(runs);
}

function runAll(runs: readonly Run[]): Run {
  const [only] = runs;
  if (only !== undefined && runs.length === 1) return only;
  return (frame) => {
    for (const run of runs) run(frame);
  };
}

function runUntilHalted(runs: readonly Run[]): Run {
  return (frame) => {
    for (const run of runs) {
      run(frame);
      if (frame.halted) return;
    }
  };
}

/** The text of a part that always puts out the same; null for others. */
function fixedText(part: LiquidTemplate): string | null {
  if (TypeGuards.isHTMLToken(part.token)) return part.token.getContent();
  if (part instanceof RawTag) return part.render();
  return part instanceof CommentTag || part instanceof InlineCommentTag ? '' : null;
}

function compileText(text: string, { counts }: Compilation): Run {
  const piece = quotedPrintablePiece(text);
  counts.segments += 1;
  return (frame) => frame.piece(piece);
}

function compilePart(part: LiquidTemplate, compilation: Compilation): Run {
  if (part instanceof Output) return compileOutput(part, part.value, compilation);
  if (part instanceof EchoTag) return compileEcho(part, compilation);
  if (part instanceof IfTag || part instanceof UnlessTag) return compileIf(part, compilation);
  if (part instanceof CaseTag) return compileCase(part, compilation);
  if (part instanceof ForTag && part.variable !== 'forloop') return compileLoop(part, compilation);
  if (part instanceof AssignTag) return compileAssign(part, compilation);
  if (part instanceof CaptureTag) return compileCapture(part, compilation);
  if (part instanceof LiquidTag) return compileParts(part.templates, compilation);
  if (part instanceof BreakTag || part instanceof ContinueTag) {
    const flag = part instanceof BreakTag ? 'breakCalled' : 'continueCalled';
    return (frame) => {
      frame.context()[flag] = true;
    };
  }
  return leaveToLiquid(part, compilation);
}

function compileOutput(part: LiquidTemplate, value: Value, compilation: Compilation): Run {
  const { engine } = compilation;
  compilation.counts.slots += 1;
  const evaluate = compileValue(value, siteOf(compilation));
  const escaped = part instanceof Output ? escapesOutput(value, engine) : echoEscapes(value, engine);
  const write = (frame: RenderFrame, result: unknown): void => {
    const text = typeof result === 'string' ? result : frame.guard(() => textOf(result));
    if (escaped) frame.value(text);
    else frame.raw(text);
  };
  return (frame) => {
    frame.at = part;
    write(frame, evaluate(frame));
  };
}

function compileEcho(part: EchoTag, compilation: Compilation): Run {
  const [value] = valuesOf(part);
  return value === undefined ? () => undefined : compileOutput(part, value, compilation);
}

function echoEscapes(value: Value, engine: Liquid): boolean {
  return engine.options.outputEscape !== undefined && value.filters.at(-1)?.raw !== true;
}

function compileAssign(part: AssignTag, compilation: Compilation): Run {
  const [value] = valuesOf(part);
  const [name] = [...part.localScope()].map((identifier) => identifier.content);
  if (value === undefined || name === undefined) return leaveToLiquid(part, compilation);
  const evaluate = compileValue(value, siteOf(compilation), true);
  return (frame) => {
    frame.at = part;
    const result = evaluate(frame);
    Reflect.set(frame.context().bottom(), name, result);
  };
}

function compileCapture(part: CaptureTag, compilation: Compilation): Run {
  const run = compileParts(part.templates, compilation);
  return (frame) => {
    const text = frame.capture(() => run(frame));
    Reflect.set(frame.context().bottom(), part.variable, text);
  };
}

function valuesOf(part: LiquidTemplate): readonly Value[] {
  return [...(part.arguments?.() ?? [])].filter((argument) => argument instanceof Value);
}

/** `tablerow`, `cycle`, `increment`, `decrement` and whatever a later liquidjs brings. */
function leaveToLiquid(part: LiquidTemplate, compilation: Compilation): Run {
  const { engine } = compilation;
  const tag = 'name' in part && typeof part.name === 'string' ? part.name : 'output';
  const [row = 1, column = 1] = part.token.getPosition();
  const { line } = placeInFile(compilation.places, { line: row, column });
  compilation.left.push({ tag, line });
  compilation.counts.slots += 1;
  return (frame) => {
    frame.at = part;
    frame.raw(
      frame.guard(() => textOf(toValueSync(engine.renderer.renderTemplates([part], frame.context())))),
    );
  };
}
