import type { Liquid, Template as LiquidTemplate } from 'liquidjs';
import type { ExpressionSite } from './compile-expression.ts';
import type { RenderFrame } from './render-frame.ts';
import type { SourcePlace } from './source-place.ts';

/** Puts out what one part of a template stands for. */
export type Run = (frame: RenderFrame) => void;

/** What is known and counted while one template is compiled. */
export type Compilation = {
  readonly engine: Liquid;
  readonly defaults: Readonly<Record<string, string>>;
  readonly places: readonly SourcePlace[];
  /** Names that the template sets itself somewhere. */
  readonly assigned: ReadonlySet<string>;
  /** Variables of the loops around, outermost first. */
  readonly loops: readonly string[];
  /** Inside `case`, a list of parts may begin after a `break`: then its first part alone is put out, as liquidjs does. */
  readonly inCase: boolean;
  readonly counts: { segments: number; slots: number };
  /** What is rendered by liquidjs itself. */
  readonly left: { tag: string; line: number }[];
  /** Compiles a list of parts; the list ends early at `break` and `continue`. */
  readonly parts: (parts: readonly LiquidTemplate[], compilation: Compilation) => Run;
};

/** The names in force at this place of the template. */
export function siteOf({ engine, loops, assigned, defaults }: Compilation): ExpressionSite {
  return { engine, names: { loops, assigned, defaults } };
}
