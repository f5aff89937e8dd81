/** A piece of code that the lint must refuse, and the rule that must refuse it. */
export type BadCode = {
  readonly rule: string;
  readonly source: string;
  /** Where it stands; default src/base/. */
  readonly folder?: string;
  /** Default `snippet-<number>.ts`. */
  readonly file?: string;
};

const lines = (count: number, line: string): string => `${line}\n`.repeat(count);

/** One row for each rule that the house leans on. */
export const badCode: readonly BadCode[] = [
  {
    rule: 'typescript(no-floating-promises)',
    source: 'async function send(): Promise<void> { await null; }\nexport function go(): void { send(); }',
  },
  {
    rule: 'typescript(no-floating-promises)',
    source:
      'async function send(): Promise<void> { await null; }\nexport function go(): void { void send(); }',
  },
  {
    rule: 'typescript(no-misused-promises)',
    source: 'export function go(list: string[]): void { list.forEach(async () => { await null; }); }',
  },
  { rule: 'typescript(await-thenable)', source: 'export async function go(): Promise<void> { await 1; }' },
  {
    rule: 'typescript(return-await)',
    source:
      'const send = async (): Promise<void> => { await null; };\n' +
      'export async function go(): Promise<void> { try { return send(); } catch (error) { throw new Error("x", { cause: error }); } }',
  },
  {
    rule: 'typescript(prefer-promise-reject-errors)',
    source: 'export function go(): Promise<void> { return Promise.reject("no"); }',
  },
  { rule: 'typescript(no-explicit-any)', source: 'export const x: any = 1;' },
  {
    rule: 'typescript(no-unsafe-assignment)',
    source: 'export const x: { a: string } = JSON.parse("{}");',
  },
  { rule: 'typescript(no-unsafe-member-access)', source: 'export const x = String(JSON.parse("{}").a);' },
  { rule: 'typescript(no-unsafe-call)', source: 'export const x = String(JSON.parse("{}")());' },
  {
    rule: 'typescript(no-unsafe-argument)',
    source: 'const take = (x: string): string => x;\nexport const y = take(JSON.parse("{}"));',
  },
  {
    rule: 'typescript(no-unsafe-return)',
    source: 'export function x(): string { return JSON.parse("{}"); }',
  },
  {
    rule: 'typescript(no-unsafe-type-assertion)',
    source: 'export const x = (value: unknown): string => value as string;',
  },
  {
    rule: 'typescript(no-non-null-assertion)',
    source: 'export const x = (list: string[]): string => list[0]!;',
  },
  { rule: 'typescript(ban-ts-comment)', source: '// @ts-ignore\nexport const x: string = 1;' },
  {
    rule: 'typescript(explicit-module-boundary-types)',
    source: 'export function twice(count: number) { return count * 2; }',
  },
  {
    rule: 'typescript(consistent-type-imports)',
    source: "import { Socket } from 'node:net';\nexport type X = Socket;",
  },
  {
    rule: 'typescript(switch-exhaustiveness-check)',
    source:
      "export function x(kind: 'a' | 'b'): void { let y = 0; switch (kind) { case 'a': y += 1; break; } String(y); }",
  },
  {
    rule: 'typescript(prefer-nullish-coalescing)',
    source: 'export const x = (count: number | null): number => count || 1;',
  },
  {
    rule: 'typescript(restrict-template-expressions)',
    source: 'export const x = (value: object | null): string => `${value}`;',
  },
  { rule: 'typescript(only-throw-error)', source: "export function x(): never { throw 'no'; }" },
  {
    rule: 'eslint(no-empty)',
    source: 'export function x(): void { try { JSON.parse("{"); } catch {} }',
  },
  { rule: 'eslint(eqeqeq)', source: 'export const x = (a: number, b: number): boolean => a == b;' },
  { rule: 'eslint(max-lines)', source: lines(501, '// a line') },
  {
    rule: 'eslint(max-lines-per-function)',
    source: `export function x(): void {\n${lines(81, '  String(1);')}}`,
  },
  {
    rule: 'eslint(max-params)',
    source: 'export const x = (a: number, b: number, c: number, d: number): number => a + b + c + d;',
  },
  {
    rule: 'eslint(max-depth)',
    source:
      'export function x(a: boolean): void { if (a) { for (const b of [1]) { while (a) { if (b) { String(b); } } } } }',
  },
  { rule: 'unicorn(filename-case)', file: 'camelCase.ts', source: 'export const x = 1;' },
  { rule: 'import(no-default-export)', source: 'const x = 1;\nexport default x;' },
  { rule: 'eslint(no-console)', source: "console.log('x');" },
  { rule: 'eslint(no-warning-comments)', source: '// TODO later\nexport const x = 1;' },
  { rule: 'node(no-process-env)', source: "export const x = process.env['HOME'];" },
  { rule: 'unicorn(no-process-exit)', source: 'export function x(): never { process.exit(1); }' },
  {
    rule: 'eslint(no-restricted-globals)',
    source: 'export function x(then: () => void): void { setTimeout(then, 1); }',
  },
  { rule: 'eslint(no-restricted-properties)', source: 'export const x = (): number => Date.now();' },
  { rule: 'eslint(no-restricted-properties)', source: 'export const x = (): number => Math.random();' },
  {
    rule: 'eslint(no-restricted-globals)',
    folder: 'src/protocol/smtp',
    source: 'export const x = (): number => process.pid;',
  },
  {
    rule: 'vitest(no-focused-tests)',
    file: 'focused.test.ts',
    source: "import { expect, test } from 'vitest';\ntest.only('x', () => { expect(1).toBe(1); });",
  },
  {
    rule: 'vitest(expect-expect)',
    file: 'empty.test.ts',
    source: "import { test } from 'vitest';\ntest('x', () => { String(1); });",
  },
];
