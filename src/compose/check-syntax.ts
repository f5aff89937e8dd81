import { createEngine, defaultLimits } from './liquid-engine.ts';
import { parseTemplate } from './template.ts';

/** Throws the AppError that `compileContent` would for a source that is not right; for those who change it before. */
export function checkSyntax(name: string, source: string): void {
  const engine = createEngine({ limits: defaultLimits, offsetMinutes: 0, escape: null, nowMs: () => 0 });
  parseTemplate(engine, name, source);
}
