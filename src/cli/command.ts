import type { Bilingual, Clock, Language } from '../base/index.ts';
import type { Config, ConfigReading } from '../config/index.ts';
import type { CommandInput } from './command-input.ts';
import type { Output } from './output.ts';
import type { Product } from './ports.ts';
import type { StartSimulation, WriteDemo } from './simulation-ports.ts';

/** `name`: `file` shown as `<file>`; optional as `[file]`; variadic (the last one only) as `<file...>`. */
export type ArgumentDescription = {
  readonly name: string;
  readonly doc: Bilingual;
  readonly optional?: true;
  readonly variadic?: true;
};

export type OptionDescription = {
  /** `--template <file>` takes a value, `--strict` and `--no-wait` do not. */
  readonly flags: string;
  readonly doc: Bilingual;
  readonly required?: true;
  /** May be given several times. */
  readonly repeatable?: true;
  /** The words it takes. */
  readonly choices?: readonly string[];
};

export type Example = { readonly line: string; readonly doc: Bilingual };

/** What a command gets to work with. */
export type CommandContext = {
  readonly language: Language;
  /** `--json` was given: one JSON document on standard output and nothing else. */
  readonly json: boolean;
  readonly output: Output;
  readonly stdin: NodeJS.ReadableStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Absolute folder of `--data`; it may not exist yet. */
  readonly dataDirectory: string;
  /** The text in the chosen language. */
  readonly say: (text: Bilingual) => string;
  /** The configuration in effect; throws AppError. */
  loadConfig(): Config;
  /** The same with all errors, warnings and origins as values. */
  readConfig(): ConfigReading;
  /** Opens the product, and closes it whatever happens; `configFile` in place of `--config`. */
  withProduct<T>(use: (product: Product) => Promise<T>, configFile?: string): Promise<T>;
  readonly writeDemo: WriteDemo;
  readonly startSimulation: StartSimulation;
  /** From the first call on, Ctrl-C (SIGINT, SIGTERM) aborts this signal instead of ending the process. */
  interruption(): AbortSignal;
};

/** One command, one file in commands/. */
export type Command = {
  /** `send`, or `config check` for a command of a group. */
  readonly name: string;
  readonly summary: Bilingual;
  readonly arguments?: readonly ArgumentDescription[];
  readonly options?: readonly OptionDescription[];
  readonly examples?: readonly Example[];
  /** Resolves to the exit code: 0 fine, 1 the answer is "bad". Usage and configuration errors are AppErrors. */
  run(context: CommandContext, input: CommandInput): Promise<number>;
};

/** Summary of each group: the first word of `config check`. */
export type CommandGroup = { readonly name: string; readonly summary: Bilingual };
