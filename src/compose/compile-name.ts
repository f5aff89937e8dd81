import { TypeGuards } from 'liquidjs';
import type { Token } from 'liquidjs';
import type { RenderFrame } from './render-frame.ts';

/** Where a name of a template is found. */
export type Names = {
  /** Variables of the loops around, outermost first. */
  readonly loops: readonly string[];
  /** Names that the template sets itself somewhere. */
  readonly assigned: ReadonlySet<string>;
  /** Values for what a recipient lacks or has empty. */
  readonly defaults: Readonly<Record<string, string>>;
};

type Read = (frame: RenderFrame) => unknown;

// liquidjs gives these a meaning of their own when no variable has the name.
const meaningful: ReadonlySet<string> = new Set(['size', 'first', 'last']);

const loopProperties: ReadonlySet<string> = new Set([
  'index',
  'index0',
  'first',
  'last',
  'rindex',
  'rindex0',
]);

function nameOf(prop: Token | undefined): string | null {
  return TypeGuards.isWordToken(prop) || TypeGuards.isQuotedToken(prop) ? prop.content : null;
}

/**
 * Reads a plain variable, or a property of `forloop`; undefined when it is not there. null for all else, which is left to
 * liquidjs.
 */
export function compileName(token: Token, names: Names): Read | null {
  if (!TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined) return null;
  const name = nameOf(token.props[0]);
  if (name === null) return null;
  if (token.props.length === 2 && name === 'forloop')
    return compileLoopProperty(nameOf(token.props[1]), names);
  if (token.props.length !== 1 || meaningful.has(name)) return null;
  const depth = name === 'forloop' ? names.loops.length - 1 : names.loops.lastIndexOf(name);
  if (depth >= 0) return (frame) => frame.loops[depth]?.[name];
  const outside = readOutside(name, names.defaults);
  if (!names.assigned.has(name)) return outside;
  return (frame) => {
    const own: object = frame.context().bottom();
    return name in own ? (Reflect.get(own, name) as unknown) : outside(frame);
  };
}

function compileLoopProperty(property: string | null, names: Names): Read | null {
  const depth = names.loops.length - 1;
  if (depth < 0 || property === null || !loopProperties.has(property)) return null;
  return (frame) => {
    const loop = frame.loops[depth]?.['forloop'];
    const method: unknown =
      typeof loop === 'object' && loop !== null ? Reflect.get(loop, property) : undefined;
    return typeof method === 'function' ? (Reflect.apply(method, loop, []) as unknown) : undefined;
  };
}

function readOutside(name: string, defaults: Readonly<Record<string, string>>): Read {
  const fallback = Object.hasOwn(defaults, name) ? defaults[name] : undefined;
  const own: Read = name in Object.prototype ? readOwn(name) : (frame) => frame.variables[name];
  if (fallback === undefined) return builtIn(name, own);
  // The address counts as the recipient's own; the link comes after a default.
  const given = name === 'email' ? builtIn(name, own) : own;
  const filled: Read = (frame) => {
    const value = given(frame);
    return (value ?? '') === '' ? fallback : value;
  };
  return name === 'email' ? filled : builtIn(name, filled);
}

function readOwn(name: string): Read {
  return (frame) => (Object.hasOwn(frame.variables, name) ? frame.variables[name] : undefined);
}

const links: ReadonlyMap<string, (frame: RenderFrame) => string | null> = new Map([
  ['unsubscribe_url', (frame: RenderFrame) => frame.unsubscribeUrl],
  ['not_arrived_url', (frame: RenderFrame) => frame.notArrivedUrl?.() ?? null],
]);

/** Variables that every message has; a column takes the place of `email`, and one that is not empty that of a link. */
function builtIn(name: string, read: Read): Read {
  if (name === 'email') return (frame) => read(frame) ?? frame.address;
  const link = links.get(name);
  if (link === undefined) return read;
  return (frame) => {
    const value = read(frame);
    return value === undefined || value === null || value === '' ? (link(frame) ?? value) : value;
  };
}
