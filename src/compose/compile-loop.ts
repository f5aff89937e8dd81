import { Drop, toValue, toValueSync } from 'liquidjs';
import type { ForTag } from 'liquidjs';
import { siteOf } from './compilation.ts';
import type { Compilation, Run } from './compilation.ts';
import { compileOperand } from './compile-expression.ts';
import type { LoopScope, RenderFrame } from './render-frame.ts';

// A look at the clock costs 0.3 µs, a turn of a small loop 0.1 µs; a turn with heavy filters up to 1 ms.
const turnsPerTimeCheck = 16;

/** `for` with `limit`, `offset`, `reversed`, `else`, `break` and `continue`. */
export function compileLoop(part: ForTag, compilation: Compilation): Run {
  const { variable } = part;
  const collectionOf = compileOperand(part.collection, siteOf(compilation), false);
  const body = compilation.parts(part.templates, { ...compilation, loops: [...compilation.loops, variable] });
  const otherwise = compilation.parts(part.elseTemplates, compilation);
  const collectionName = part.collection.getText();
  const continueKey = `continue-${variable}-${collectionName}`;
  return (frame) => {
    frame.at = part;
    const all = itemsOf(collectionOf(frame));
    if (all.length === 0) {
      otherwise(frame);
      return;
    }
    const context = frame.context();
    const { items, next } = frame.guard(() => selected(part, all, { frame, continueKey }));
    context.setRegister(continueKey, next);
    const loop = new Loop(items.length, `${variable}-${collectionName}`);
    const scope = newScope({ forloop: loop });
    context.push(scope);
    frame.loops.push(scope);
    for (const [turn, item] of items.entries()) {
      frame.at = part;
      if (turn % turnsPerTimeCheck === 0) frame.checkTime();
      scope[variable] = item;
      context.breakCalled = false;
      context.continueCalled = false;
      body(frame);
      if (context.breakCalled) break;
      loop.i += 1;
    }
    context.breakCalled = false;
    context.continueCalled = false;
    frame.loops.pop();
    context.pop();
  };
}

type Selecting = { readonly frame: RenderFrame; readonly continueKey: string };

/** Applies `offset`, `limit` and `reversed`, in this order, as liquidjs does whatever the order in the template. */
function selected(
  part: ForTag,
  all: readonly unknown[],
  { frame, continueKey }: Selecting,
): { readonly items: readonly unknown[]; readonly next: unknown } {
  if (Object.keys(part.hash.hash).length === 0) return { items: all, next: all.length };
  const context = frame.context();
  context.push(newScope({ continue: context.getRegister(continueKey, {}) }));
  const hash: Readonly<Record<string, unknown>> = toValueSync(part.hash.render(context));
  context.pop();
  let items = all;
  if (hash['offset'] !== undefined) items = slice(items, hash['offset']);
  if (hash['limit'] !== undefined) items = slice(items, 0, hash['limit']);
  if (hash['reversed'] !== undefined) items = items.toReversed();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- liquidjs adds whatever it is, a text too
  const offset = (hash['offset'] || 0) as number;
  return { items, next: offset + items.length };
}

function slice(items: readonly unknown[], ...bounds: readonly unknown[]): readonly unknown[] {
  // liquidjs hands them over as they are, a text too.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Reflect.apply is untyped
  return Reflect.apply(Array.prototype.slice, items, bounds) as readonly unknown[];
}

/** liquidjs' `toEnumerable`. */
function itemsOf(collection: unknown): readonly unknown[] {
  const value: unknown = toValue(collection);
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return value === '' ? [] : [value];
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has an iterator
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>);
  return Object.entries(value);
}

function newScope(values: LoopScope): LoopScope {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.create is untyped
  return Object.assign(Object.create(null) as LoopScope, values);
}

/** liquidjs' `forloop`, which it does not export; written out, it shows its fields as JSON in this order. */
class Loop extends Drop {
  i = 0;
  readonly length: number;
  readonly name: string;

  constructor(length: number, name: string) {
    super();
    this.length = length;
    this.name = name;
  }

  index0(): number {
    return this.i;
  }

  index(): number {
    return this.i + 1;
  }

  first(): boolean {
    return this.i === 0;
  }

  last(): boolean {
    return this.i === this.length - 1;
  }

  rindex(): number {
    return this.length - this.i;
  }

  rindex0(): number {
    return this.length - this.i - 1;
  }

  override valueOf(): string {
    return JSON.stringify(this);
  }
}
