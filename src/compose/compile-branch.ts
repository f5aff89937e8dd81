import { UnlessTag } from 'liquidjs';
import type { CaseTag, IfTag } from 'liquidjs';
import { siteOf } from './compilation.ts';
import type { Compilation, Run } from './compilation.ts';
import { compileEquality, compileOperand, compileValue, isTrue } from './compile-expression.ts';
import type { Evaluate } from './compile-expression.ts';

/** `if`, `unless`, `elsif`, `else`: undefined variables are false here (liquidjs' `lenientIf`). */
export function compileIf(part: IfTag | UnlessTag, compilation: Compilation): Run {
  const site = siteOf(compilation);
  const branches = part.branches.map(({ value, templates }, index) => ({
    // Of an `unless` only the first condition is turned round.
    wanted: !(part instanceof UnlessTag && index === 0),
    condition: compileValue(value, site, true),
    run: compilation.parts(templates, compilation),
  }));
  const otherwise = compilation.parts(part.elseTemplates ?? [], compilation);
  return (frame) => {
    for (const { wanted, condition, run } of branches) {
      frame.at = part;
      if (isTrue(condition(frame)) === wanted) {
        run(frame);
        return;
      }
    }
    otherwise(frame);
  };
}

/** `case`: every branch with a value that equals, not only the first, as liquidjs does. */
export function compileCase(part: CaseTag, compilation: Compilation): Run {
  const site = siteOf(compilation);
  const target = compileValue(part.value, site, true);
  const equals = compileEquality(site);
  const inside = { ...compilation, inCase: true };
  const branches = part.branches.map(({ values, templates }) => ({
    values: values.map((token): Evaluate => compileOperand(token, site, true)),
    run: compilation.parts(templates, inside),
  }));
  const otherwise = compilation.parts(part.elseTemplates, compilation);
  return (frame) => {
    frame.at = part;
    const wanted = target(frame);
    let found = false;
    for (const { values, run } of branches) {
      frame.at = part;
      if (!values.some((value) => equals(frame, wanted, value(frame)))) continue;
      run(frame);
      found = true;
    }
    if (!found) otherwise(frame);
  };
}
