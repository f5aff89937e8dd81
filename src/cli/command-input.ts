import { AppError } from '../base/index.ts';

/** What was given to a command, by the names in its description: `template` for `--template <file>`. */
export interface CommandInput {
  /** The argument at this position, undefined when it was left out. */
  argument(position: number): string | undefined;
  /** The arguments from this position on (a variadic one). */
  argumentsFrom(position: number): readonly string[];
  /** Value of an option, undefined when it was not given. */
  option(name: string): string | undefined;
  /** Value of a required option. */
  required(name: string): string;
  /** Values of a repeatable option, in order. */
  options(name: string): readonly string[];
  /** The option was given: `flag('no-wait')`, `flag('strict')`. */
  flag(name: string): boolean;
  /** Value of an option as a whole number; anything else is a usage error. */
  integer(name: string): number | undefined;
}

/** `positional` and `values` as the parser left them; values by long flag without its dashes. */
export function createInput(
  positional: readonly string[],
  values: ReadonlyMap<string, unknown>,
): CommandInput {
  const option = (name: string): string | undefined => {
    const value = values.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    argument: (position) => positional[position],
    argumentsFrom: (position) => positional.slice(position),
    option,
    required(name) {
      const value = option(name);
      if (value === undefined) throw new Error(`the command does not declare --${name} as required`);
      return value;
    },
    options(name) {
      const value = values.get(name);
      return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
    },
    flag: (name) => values.get(name) === true,
    integer(name) {
      const value = option(name);
      if (value === undefined) return undefined;
      if (/^-?\d{1,15}$/.test(value)) return Number(value);
      throw new AppError({
        code: 'usage-not-a-number',
        message: {
          ja: `--${name} には整数を指定してください（今の値: ${value}）`,
          en: `--${name} must be a whole number, not “${value}”`,
        },
      });
    },
  };
}
