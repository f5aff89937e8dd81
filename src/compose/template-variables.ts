import {
  AssignTag,
  CaseTag,
  EchoTag,
  IfTag,
  Output,
  TypeGuards,
  UnlessTag,
  Value,
  analyzeSync,
  toValueSync,
} from 'liquidjs';
import type { Template as LiquidTemplate, Token } from 'liquidjs';
import { placeInFile } from './source-place.ts';
import type { Template } from './template.ts';

/** One place where a template uses a variable that it does not set itself. */
export type VariableUse = {
  readonly name: string;
  readonly template: string;
  readonly line: number;
  readonly column: number;
  /**
   * A recipient without it does no harm here: it stands in a condition, has a `default` filter, a declared default, or
   * stands inside `{% if it %}`.
   */
  readonly guarded: boolean;
};

/** All uses of outside variables, in the order of their places. `defaults`: names that always have a value. */
export function findVariables(template: Template, defaults: ReadonlySet<string>): readonly VariableUse[] {
  const guardedPlaces = new Set<string>();
  collectGuarded(template.parts, new Set(), guardedPlaces);
  const { globals } = analyzeSync(template.parts, { partials: false });
  const uses = Object.values(globals).flatMap((variables) =>
    variables.map((variable) => {
      const name = String(variable.segments[0]);
      const { row, col } = variable.location;
      const guarded = defaults.has(name) || guardedPlaces.has(`${row}:${col}`);
      const at = placeInFile(template.places, { line: row, column: col });
      return { name, template: template.name, ...at, guarded };
    }),
  );
  return uses.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Notes the places where liquidjs itself is lenient (`lenientIf`), and those behind a condition on the variable. */
function collectGuarded(
  parts: readonly LiquidTemplate[],
  names: ReadonlySet<string>,
  places: Set<string>,
): void {
  for (const part of parts) {
    for (const value of lenientValues(part)) notePlaces(value.initial.postfix, null, places);
    if (names.size > 0) {
      for (const argument of part.arguments?.() ?? []) notePlaces(tokensOf(argument), names, places);
    }
    if (part instanceof IfTag) {
      for (const { value, templates } of part.branches) {
        collectGuarded(templates, new Set([...names, ...provenBy(value)]), places);
      }
      collectGuarded(part.elseTemplates ?? [], names, places);
    } else {
      collectGuarded(childrenOf(part), names, places);
    }
  }
}

function childrenOf(part: LiquidTemplate): readonly LiquidTemplate[] {
  if (part.children === undefined) return [];
  // The generator's declared return type, lost by toValueSync
  return toValueSync(part.children(false, true)) as readonly LiquidTemplate[];
}

function lenientValues(part: LiquidTemplate): readonly Value[] {
  if (part instanceof IfTag || part instanceof UnlessTag) return part.branches.map(({ value }) => value);
  if (part instanceof CaseTag) return [part.value];
  if (part instanceof AssignTag) return valuesOf(part);
  const output = part instanceof Output || part instanceof EchoTag;
  return output ? valuesOf(part).filter((value) => value.filters[0]?.name === 'default') : [];
}

function valuesOf(part: LiquidTemplate): readonly Value[] {
  return [...(part.arguments?.() ?? [])].filter((argument) => argument instanceof Value);
}

/** Names that are surely there inside a branch: a bare variable, or several joined by `and`. */
function provenBy(value: Value): readonly string[] {
  if (value.filters.length > 0) return [];
  const names: string[] = [];
  for (const token of value.initial.postfix) {
    if (TypeGuards.isOperatorToken(token)) {
      if (token.operator !== 'and') return [];
      continue;
    }
    const name = rootOf(token);
    if (name !== null) names.push(name);
  }
  return names;
}

function tokensOf(argument: Value | Token): readonly Token[] {
  if (!(argument instanceof Value)) return [argument];
  const filterArguments = argument.filters.flatMap((filter) =>
    filter.args.flatMap((arg) => (Array.isArray(arg) ? (arg[1] === undefined ? [] : [arg[1]]) : [arg])),
  );
  return [...argument.initial.postfix, ...filterArguments];
}

function notePlaces(tokens: readonly Token[], names: ReadonlySet<string> | null, places: Set<string>): void {
  for (const token of tokens) {
    const name = rootOf(token);
    if (name === null || (names !== null && !names.has(name))) continue;
    const [row, column] = token.getPosition();
    places.add(`${row}:${column}`);
  }
}

/** `coupon` of `coupon` and of `coupon.code`; null for what is no variable. */
function rootOf(token: Token): string | null {
  if (!TypeGuards.isPropertyAccessToken(token)) return null;
  const root = token.props[0];
  const named = TypeGuards.isWordToken(root) || TypeGuards.isQuotedToken(root);
  return named ? root.content : null;
}

/** Variables that every message has, whatever the CSV holds. */
const builtIn = ['email', 'unsubscribe_url', 'not_arrived_url'] as const;

/**
 * Uses that may fail: unguarded, and neither a column nor built in. A suspicion only: they may stand in a branch
 * that is never taken, so the caller asks `tryRender` per recipient, and only when there are suspects.
 */
export function undefinedVariables(
  compiled: { readonly variables: readonly VariableUse[] },
  columns: Iterable<string>,
): readonly VariableUse[] {
  const known = new Set([...columns, ...builtIn]);
  return compiled.variables.filter((use) => !use.guarded && !known.has(use.name));
}
