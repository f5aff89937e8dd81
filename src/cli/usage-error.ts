import type { Command as Parser, CommanderError } from 'commander';
import { AppError, nearest } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';

/** The parser's complaint as one line in both languages, with the nearest name that exists. */
export function usageError(error: CommanderError, parser: Parser): AppError {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownOption(quoted, parser);
    case 'commander.unknownCommand':
      return unknownCommand(quoted, parser);
    case 'commander.missingArgument':
      return missingArgument(quoted, parser);
    case 'commander.optionMissingArgument':
      return missingValue(quoted, parser);
    case 'commander.excessArguments':
      return tooManyArguments(parser);
    default:
      return otherMistake(error, parser);
  }
}

/** `todoku config check` */
function pathOf(parser: Parser): string {
  return parser.parent === null ? parser.name() : `${pathOf(parser.parent)} ${parser.name()}`;
}

function seeHelp(parser: Parser): Bilingual {
  const line = `${pathOf(parser)} --help`;
  return { ja: `使い方: ${line}`, en: `see ${line}` };
}

function didYouMean(near: string): Bilingual {
  return { ja: `${near} のことですか`, en: `did you mean ${near}?` };
}

function unknownOption(flag: string, parser: Parser): AppError {
  const name = flag.split('=')[0] ?? flag;
  const near = nearest(name, ['--help', ...flagsOf(parser)]);
  return new AppError({
    code: 'usage-unknown-option',
    message: { ja: `${name} というオプションはありません`, en: `unknown option ${name}` },
    hint: near === null ? seeHelp(parser) : didYouMean(near),
  });
}

function flagsOf(parser: Parser): string[] {
  const own = parser.options.flatMap((option) => (option.long === undefined ? [] : [option.long]));
  return parser.parent === null ? own : [...own, ...flagsOf(parser.parent)];
}

function unknownCommand(name: string, parser: Parser): AppError {
  const near = nearest(
    name,
    parser.commands.map((command) => command.name()),
  );
  return new AppError({
    code: 'usage-unknown-command',
    message: { ja: `${name} というコマンドはありません`, en: `unknown command ${name}` },
    hint: near === null ? seeHelp(parser) : didYouMean(`${pathOf(parser)} ${near}`),
  });
}

function missingArgument(name: string, parser: Parser): AppError {
  return new AppError({
    code: 'usage-missing-argument',
    message: { ja: `<${name}> を指定してください`, en: `<${name}> is missing` },
    hint: seeHelp(parser),
  });
}

function missingValue(flags: string, parser: Parser): AppError {
  return new AppError({
    code: 'usage-missing-value',
    message: { ja: `${flags} の値がありません`, en: `${flags} needs a value` },
    hint: seeHelp(parser),
  });
}

/** An option that the command cannot do without. */
export function missingOption(flags: string, parser: Parser): AppError {
  return new AppError({
    code: 'usage-missing-option',
    message: { ja: `${flags} を指定してください`, en: `${flags} is missing` },
    hint: seeHelp(parser),
  });
}

function tooManyArguments(parser: Parser): AppError {
  const most = parser.registeredArguments.length;
  const extra = parser.args[most] ?? '';
  return new AppError({
    code: 'usage-too-many-arguments',
    message: { ja: `余分な引数があります: ${extra}`, en: `one argument too many: ${extra}` },
    hint: seeHelp(parser),
  });
}

function otherMistake(error: CommanderError, parser: Parser): AppError {
  const text = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  return new AppError({
    code: 'usage-mistake',
    message: { ja: `使い方の誤り: ${text}`, en: text },
    hint: seeHelp(parser),
  });
}

/** A word that is none of those an option takes. */
export function wrongChoice(flags: string, value: string, choices: readonly string[]): AppError {
  const near = nearest(value, choices);
  const all = choices.join(', ');
  return new AppError({
    code: 'usage-unknown-choice',
    message: { ja: `${flags} に ${value} は指定できません`, en: `${flags} does not take ${value}` },
    hint: near === null ? { ja: `使える値: ${all}`, en: `it takes ${all}` } : didYouMean(near),
  });
}
