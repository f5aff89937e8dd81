import { resolve } from 'node:path';
import { CommanderError } from 'commander';
import { chooseLanguage } from '../base/index.ts';
import type { Clock, Language } from '../base/index.ts';
import { loadConfig, readConfig } from '../config/index.ts';
import type { ConfigSource } from '../config/index.ts';
import type { Command, CommandContext, CommandGroup } from './command.ts';
import { commands as allCommands, groups as allGroups } from './commands/index.ts';
import { describeFailure } from './fault.ts';
import { createOutput } from './output.ts';
import type { Output, OutputStream } from './output.ts';
import { buildParser } from './parser.ts';
import type { GlobalOptions } from './parser.ts';
import type { OpenProduct } from './ports.ts';
import type { StartSimulation, WriteDemo } from './simulation-ports.ts';

export type CliOptions = {
  /** What stands after `todoku` on the command line. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly clock: Clock;
  readonly version: string;
  /** The operating system's name of this machine. */
  readonly hostname: string;
  /** Left out where no command asks for the product. */
  readonly openProduct?: OpenProduct;
  readonly writeDemo?: WriteDemo;
  readonly startSimulation?: StartSimulation;
  /** See CommandContext. */
  interruption(): AbortSignal;
  /** Default: those in commands/. */
  readonly commands?: readonly Command[];
  readonly groups?: readonly CommandGroup[];
};

/** Runs one command line; resolves to the exit code: 0 fine, 1 "bad", 2 usage or configuration, 70 a bug. */
export async function runCli(options: CliOptions): Promise<number> {
  const output = createOutput(options.stdout, options.stderr);
  const language = chooseLanguage(languageFlag(options.argv), options.environment);
  const debug = (options.environment['TODOKU_DEBUG'] ?? '') !== '';
  const fail = (error: unknown): number => {
    const failure = describeFailure(error, { language, debug });
    for (const line of failure.lines) output.note(line);
    return failure.exitCode;
  };
  let exitCode: number;
  try {
    exitCode = await parseAndRun({ options, output, language });
  } catch (error) {
    exitCode = fail(error);
  }
  const unwritten = await output.flush();
  return unwritten === null ? exitCode : fail(unwritten);
}

/** The language must be known before the parser is built, as its help is in that language. */
function languageFlag(argv: readonly string[]): string | undefined {
  const index = argv.findLastIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const word = argv[index];
  return word === '--lang' ? argv[index + 1] : word?.slice('--lang='.length);
}

type Run = { readonly options: CliOptions; readonly output: Output; readonly language: Language };

async function parseAndRun({ options, output, language }: Run): Promise<number> {
  let exitCode = 0;
  const parser = buildParser({
    language,
    version: options.version,
    commands: options.commands ?? allCommands,
    groups: options.groups ?? allGroups,
    stdout: options.stdout,
    stderr: options.stderr,
    run: async (command, input, globals) => {
      exitCode = await command.run(createContext({ options, output, language }, globals), input);
    },
  });
  try {
    await parser.parseAsync([...options.argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for, or the version: fine. Help because no command was named: usage.
    return error.exitCode === 0 ? 0 : 2;
  }
}

function createContext({ options, output, language }: Run, globals: GlobalOptions): CommandContext {
  const source: ConfigSource = {
    file: globals.config ?? './todoku.yaml',
    explicit: globals.config !== undefined,
    environment: options.environment,
    hostname: options.hostname,
  };
  const dataDirectory = resolve(globals.data);
  return {
    language,
    json: globals.json,
    output,
    stdin: options.stdin,
    environment: options.environment,
    clock: options.clock,
    dataDirectory,
    say: (text) => text[language],
    loadConfig: () => loadConfig(source),
    readConfig: () => readConfig(source),
    interruption: () => options.interruption(),
    writeDemo: options.writeDemo ?? noProduct,
    startSimulation: options.startSimulation ?? noProduct,
    async withProduct(use, configFile) {
      if (options.openProduct === undefined) return noProduct();
      const from = configFile === undefined ? source : { ...source, file: configFile, explicit: true };
      const product = await options.openProduct({ config: loadConfig(from), dataDirectory, language });
      try {
        return await use(product);
      } finally {
        await product.close();
      }
    },
  };
}

/** Tests of single commands run without a product. */
function noProduct(): never {
  throw new Error('this command line has no product to open');
}
