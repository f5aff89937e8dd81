import { Command as Parser, Option } from 'commander';
import type { CommanderError } from 'commander';
import type { Bilingual, Language } from '../base/index.ts';
import { createInput } from './command-input.ts';
import type { CommandInput } from './command-input.ts';
import type { ArgumentDescription, Command, CommandGroup, Example, OptionDescription } from './command.ts';
import { displayWidth } from './display-width.ts';
import type { OutputStream } from './output.ts';
import { missingOption, usageError, wrongChoice } from './usage-error.ts';
import { wrapText } from './wrap-text.ts';

/** What the global options said. */
export type GlobalOptions = {
  readonly config: string | undefined;
  readonly data: string;
  readonly json: boolean;
};

export type ParserFacts = {
  readonly language: Language;
  readonly version: string;
  readonly commands: readonly Command[];
  readonly groups: readonly CommandGroup[];
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Called with the command that was asked for. */
  run(command: Command, input: CommandInput, globals: GlobalOptions): Promise<void>;
};

const globalOptions: readonly OptionDescription[] = [
  {
    flags: '--config <file>',
    doc: { ja: '設定ファイル（既定: ./todoku.yaml）', en: 'configuration file (default: ./todoku.yaml)' },
  },
  {
    flags: '--data <dir>',
    doc: { ja: 'データのフォルダー（既定: ./data）', en: 'data folder (default: ./data)' },
  },
  {
    flags: '--lang <code>',
    choices: ['ja', 'en'],
    doc: { ja: '言語: ja か en（既定: LANG による）', en: 'language: ja or en (default: from LANG)' },
  },
  {
    flags: '--json',
    doc: { ja: '結果を JSON で標準出力に書く', en: 'write the result as JSON on standard output' },
  },
];

const titles: Readonly<Record<string, string>> = {
  'Usage:': '使い方:',
  'Arguments:': '引数:',
  'Options:': 'オプション:',
  'Global Options:': '共通オプション:',
  'Commands:': 'コマンド:',
};

/** The commands as a parser: help in the chosen language, mistakes as AppErrors. */
export function buildParser(facts: ParserFacts): Parser {
  const say = (text: Bilingual): string => text[facts.language];
  const program = new Parser('todoku');
  program
    .description(
      say({
        ja: '届く: 届けて、理由を説明し、一通も失わないメール配送',
        en: 'Mail delivery that arrives, explains itself, and never loses a mail',
      }),
    )
    .version(facts.version, '--version', say({ ja: 'バージョンを表示', en: 'show the version' }))
    .helpOption('-h, --help', say({ ja: '使い方を表示', en: 'show help' }))
    .helpCommand('help [command]', say({ ja: 'コマンドの使い方を表示', en: 'show help for a command' }))
    .configureHelp({
      showGlobalOptions: true,
      displayWidth,
      boxWrap: wrapLines,
      styleTitle: (title) => (facts.language === 'ja' ? (titles[title] ?? title) : title),
    })
    .configureOutput({
      writeOut: (text) => void facts.stdout.write(text),
      writeErr: (text) => void facts.stderr.write(text),
      outputError: () => undefined, // shown as an AppError, in the chosen language
      getOutHelpWidth: () => facts.stdout.columns ?? 80,
      getErrHelpWidth: () => facts.stderr.columns ?? 80,
    });
  for (const option of globalOptions) program.addOption(parserOption(option, say));
  raiseUsageErrors(program);
  for (const command of facts.commands) addCommand(program, { command, facts, say });
  return program;
}

type Addition = {
  readonly command: Command;
  readonly facts: ParserFacts;
  readonly say: (text: Bilingual) => string;
};

function addCommand(program: Parser, { command, facts, say }: Addition): void {
  const words = command.name.split(' ');
  const name = words.pop() ?? '';
  const parent = words.reduce((outer, word) => groupParser(outer, { word, facts, say }), program);
  const parser = parent.command(name).description(say(command.summary));
  for (const argument of command.arguments ?? []) {
    parser.argument(argumentSyntax(argument), say(argument.doc));
  }
  for (const option of command.options ?? []) parser.addOption(parserOption(option, say));
  if (command.rawArguments === true) parser.allowUnknownOption().helpOption(false);
  if (command.examples !== undefined) parser.addHelpText('after', examplesText(command.examples, say));
  raiseUsageErrors(parser);
  parser.action(async () => {
    const global = program.opts<{ config?: string; data?: string; json?: boolean }>();
    const values = optionValues(parser);
    // Not left to the parser, which would complain of a missing --from before it complains of --form.
    for (const { flags, required } of command.options ?? []) {
      const isThere = values.get(longName(flags)) !== undefined;
      if (required === true && !isThere) throw missingOption(flags, parser);
    }
    const input = createInput(parser.args, values);
    await facts.run(command, input, {
      config: global.config,
      data: global.data ?? 'data',
      json: global.json === true,
    });
  });
}

type GroupFacts = {
  readonly word: string;
  readonly facts: ParserFacts;
  readonly say: (text: Bilingual) => string;
};

function groupParser(outer: Parser, { word, facts, say }: GroupFacts): Parser {
  const existing = outer.commands.find((command) => command.name() === word);
  if (existing !== undefined) return existing;
  const summary = facts.groups.find((group) => group.name === word)?.summary;
  if (summary === undefined) throw new Error(`command group ${word} has no summary`);
  const parser = outer.command(word).description(say(summary));
  raiseUsageErrors(parser);
  return parser;
}

function raiseUsageErrors(parser: Parser): void {
  parser.exitOverride((error: CommanderError) => {
    // Help and version end the parsing too, with exit code 0; a missing sub-command shows help with code 1.
    if (error.exitCode === 0 || error.code === 'commander.help') throw error;
    throw usageError(error, parser);
  });
}

function argumentSyntax(argument: ArgumentDescription): string {
  const name = argument.variadic === true ? `${argument.name}...` : argument.name;
  return argument.optional === true ? `[${name}]` : `<${name}>`;
}

function parserOption(description: OptionDescription, say: (text: Bilingual) => string): Option {
  const required = description.required === true ? say({ ja: '（必須）', en: ' (required)' }) : '';
  const choices = description.choices;
  // `--lang` names its two words in its own text.
  const words = choices === undefined || choices.length < 3 ? '' : `: ${choices.join(', ')}`;
  const option = new Option(description.flags, `${say(description.doc)}${words}${required}`);
  const check = (value: string): string => {
    if (choices === undefined || choices.includes(value)) return value;
    throw wrongChoice(option.long ?? description.flags, value, choices);
  };
  if (description.repeatable === true) {
    option.argParser<string[]>((value, before) => [...(Array.isArray(before) ? before : []), check(value)]);
  } else if (choices !== undefined) {
    option.argParser(check);
  }
  return option;
}

/** The parser breaks lines at blanks only, of which Japanese has few. */
function wrapLines(text: string, columns: number): string {
  const wrapping = { columns, first: '', rest: '' };
  return text
    .split('\n')
    .map((line) => wrapText(line, wrapping))
    .join('\n');
}

/** `template` of `--template <file>` or `-t, --template <file>`. */
function longName(flags: string): string {
  return /--([a-z0-9-]+)/.exec(flags)?.[1] ?? flags;
}

/** By long flag without dashes; `--no-wait` was given when the parser's `wait` is false. */
function optionValues(parser: Parser): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const given: Record<string, unknown> = parser.opts();
  for (const option of parser.options) {
    const value = given[option.attributeName()];
    values.set(longName(option.flags), option.negate ? value === false : value);
  }
  return values;
}

function examplesText(examples: readonly Example[], say: (text: Bilingual) => string): string {
  const lines = examples.map((example) => `  ${example.line}\n      ${say(example.doc)}`);
  return `\n${say({ ja: '例:', en: 'Examples:' })}\n${lines.join('\n')}`;
}
