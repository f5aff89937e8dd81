export { runCli } from './program.ts';
export type { CliOptions } from './program.ts';
export type { OpenProduct, Product, ProductSetting } from './ports.ts';
