export { compileMjml } from './compile.ts';
export type { CompiledMjml, LiquidPlace } from './compile.ts';
