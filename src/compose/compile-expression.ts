import { TypeGuards, evalToken, filters as ownFilters, toValue, toValueSync } from 'liquidjs';
import type { Expression, Filter, Liquid, Token, Value } from 'liquidjs';
import type { RenderFrame } from './render-frame.ts';
import { compileName } from './compile-name.ts';
import type { Names } from './compile-name.ts';

/** What a part of an expression is worth for the recipient of this frame. */
export type Evaluate = (frame: RenderFrame) => unknown;

/** What is known where an expression stands. */
export type ExpressionSite = { readonly engine: Liquid; readonly names: Names };

/**
 * A value with its filters, as liquidjs' `Value.value` gives it. `lenient`: undefined variables are null. A filter that
 * liquidjs added for escaping is left out; see `escapesOutput`.
 */
export function compileValue(value: Value, site: ExpressionSite, lenient = false): Evaluate {
  // liquidjs with `lenientIf`: `default` asks whether a variable is there.
  const [first] = value.filters;
  let evaluate = compileExpression(value.initial, site, lenient || first?.name === 'default');
  for (const filter of value.filters) {
    if (filter.name in site.engine.filters) evaluate = compileFilter(filter, evaluate, site);
  }
  return evaluate;
}

/** true when liquidjs escapes this output: it does so by one more filter, which no template can name. */
export function escapesOutput(value: Value, engine: Liquid): boolean {
  const last = value.filters.at(-1);
  return last !== undefined && !(last.name in engine.filters);
}

function compileFilter(filter: Filter, input: Evaluate, site: ExpressionSite): Evaluate {
  const { engine } = site;
  const registered: unknown = engine.filters[filter.name];
  const handler: unknown =
    typeof registered === 'object' && registered !== null ? Reflect.get(registered, 'handler') : registered;
  if (typeof handler !== 'function') throw new TypeError(`liquidjs has no filter ${filter.name}`);
  const token: unknown = Reflect.get(filter, 'token');
  const args = filter.args.map((arg) => compileArgument(arg, site));
  const apply = (frame: RenderFrame, value: unknown): unknown => {
    // Before the filter, as in liquidjs: an argument may be an undefined variable.
    const values = args.map((argument) => argument(frame));
    try {
      const self = { context: frame.context(), token, liquid: engine };
      const result: unknown = Reflect.apply(handler, self, [value, ...values]);
      return typeof result === 'object' ? toValueSync(result) : result;
    } catch (error) {
      throw frame.failure(error);
    }
  };
  const [only] = args;
  if (handler === ownFilters['default'] && only !== undefined && args.length === 1) {
    // By far the most used; for texts it needs none of liquidjs' state.
    return (frame) => {
      const value = input(frame);
      if (typeof value !== 'string') return apply(frame, value);
      const replacement = only(frame);
      return value === '' ? replacement : value;
    };
  }
  return (frame) => apply(frame, input(frame));
}

function compileArgument(arg: Filter['args'][number], site: ExpressionSite): Evaluate {
  if (!Array.isArray(arg)) return compileOperand(arg, site, false);
  const [name, token] = arg;
  if (token === undefined) return () => [name, undefined];
  const evaluate = compileOperand(token, site, false);
  return (frame) => [name, evaluate(frame)];
}

function compileExpression(expression: Expression, site: ExpressionSite, lenient: boolean): Evaluate {
  const operands: Operand[] = [];
  for (const token of expression.postfix) {
    if (TypeGuards.isOperatorToken(token))
      operands.push({ evaluate: compileOperator(token.operator, operands, site) });
    else operands.push({ evaluate: compileOperand(token, site, lenient), token });
  }
  return operands[0]?.evaluate ?? (() => undefined);
}

type Operand = { readonly evaluate: Evaluate; readonly token?: Token };

/** One token: a literal, a variable, a range. */
export function compileOperand(token: Token, site: ExpressionSite, lenient: boolean): Evaluate {
  if ('content' in token) {
    const { content } = token;
    return () => content;
  }
  const exact: Evaluate = (frame) => {
    try {
      return toValueSync(evalToken(token, frame.context(), lenient));
    } catch (error) {
      throw frame.failure(error);
    }
  };
  const read = compileName(token, site.names);
  if (read === null) return exact;
  return (frame) => {
    const value = read(frame);
    // liquidjs decides what becomes of an undefined variable, and words the error.
    return value === undefined ? exact(frame) : value;
  };
}

function compileOperator(name: string, operands: Operand[], { engine }: ExpressionSite): Evaluate {
  const handler: unknown = engine.options.operators[name];
  if (typeof handler !== 'function') throw new TypeError(`liquidjs has no operator ${name}`);
  const exact = (frame: RenderFrame, ...values: readonly unknown[]): unknown => {
    try {
      return toValueSync(Reflect.apply(handler, undefined, [...values, frame.context()]));
    } catch (error) {
      throw frame.failure(error);
    }
  };
  const right = operands.pop();
  const rightValue: Evaluate = right?.evaluate ?? (() => undefined);
  if (name === 'not') return (frame) => !isTrue(rightValue(frame));
  const leftValue: Evaluate = operands.pop()?.evaluate ?? (() => undefined);
  const quick = quickOperators[name];
  const emptiness = name === '==' || name === '!=' ? emptinessTest(right?.token) : null;
  return (frame) => {
    // Both, always: Liquid's `and` and `or` look at both sides.
    const l = leftValue(frame);
    const r = rightValue(frame);
    if (emptiness !== null && typeof l === 'string') return emptiness(l) === (name === '==');
    if (quick !== undefined && isPlain(l) && isPlain(r)) return quick(l, r);
    if (name === 'and') return isTrue(l) && isTrue(r);
    if (name === 'or') return isTrue(l) || isTrue(r);
    return exact(frame, l, r);
  };
}

/** Liquid's `==`, for `case`. */
export function compileEquality(
  site: ExpressionSite,
): (frame: RenderFrame, left: unknown, right: unknown) => boolean {
  const handler: unknown = site.engine.options.operators['=='];
  if (typeof handler !== 'function') throw new TypeError('liquidjs has no operator ==');
  return (frame, left, right) => {
    if (isPlain(left) && isPlain(right)) return left === right;
    const context = frame.context();
    const equal = frame.guard((): unknown =>
      toValueSync(Reflect.apply(handler, undefined, [toValue(left), right, context])),
    );
    return equal === true;
  };
}

type Plain = string | number | boolean;

function isPlain(value: unknown): value is Plain {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** liquidjs' operators for texts and numbers, which is what nearly all comparisons are of. */
const quickOperators: Readonly<Record<string, (left: Plain, right: Plain) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
};

/** How a text compares with the words `blank`, `empty` and `nil`. */
function emptinessTest(token: Token | undefined): ((text: string) => boolean) | null {
  if (!TypeGuards.isLiteralToken(token)) return null;
  if (token.literal === 'blank') return (text) => /^\s*$/.test(text);
  if (token.literal === 'empty') return (text) => text === '';
  return token.literal === 'nil' || token.literal === 'null' ? () => false : null;
}

/** Only false and nothing are false in Liquid. */
export function isTrue(value: unknown): boolean {
  const inner: unknown = typeof value === 'object' ? toValue(value) : value;
  return inner !== false && inner !== undefined && inner !== null;
}
