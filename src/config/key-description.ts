import type { Bilingual } from '../base/index.ts';
import type { Config, Endpoint } from './config.ts';
import type { ValueType } from './value-type.ts';

/** What defaults may be made from. */
export type DefaultFacts = {
  /** The operating system's name of this machine. */
  readonly systemHostname: string;
  /** The effective `delivery.hostname`. */
  readonly deliveryHostname: string;
};

type Default<T> =
  | { readonly default: T }
  | { readonly defaultFrom: (facts: DefaultFacts) => T; readonly defaultDoc: Bilingual };

/** Everything there is to know about one key. */
export type KeyDescription<T> = Default<T> & {
  readonly type: ValueType<T>;
  /** One sentence. */
  readonly doc: Bilingual;
  /** What is counted, for plain numbers. */
  readonly unit?: Bilingual;
  /** When a change takes effect in a running Todoku. */
  readonly applies: 'reload' | 'restart';
};

// A value that is set as a whole, under one key.
type Leaf = string | number | boolean | null | readonly unknown[] | Endpoint;

/** Every place of a value in `Config`: `delivery.timeouts.bannerMs`. */
export type ConfigPath<T = Config, Prefix extends string = ''> = {
  [Name in keyof T & string]: [T[Name]] extends [Leaf]
    ? `${Prefix}${Name}`
    : ConfigPath<T[Name], `${Prefix}${Name}.`>;
}[keyof T & string];

type ValueAt<T, Path extends string> = Path extends `${infer Head}.${infer Tail}`
  ? Head extends keyof T
    ? ValueAt<T[Head], Tail>
    : never
  : Path extends keyof T
    ? T[Path]
    : never;

/**
 * A description for every value of `Config`, no more and no fewer: the compiler compares both ways. The names are
 * those in `Config`; the key in the file is the name without its unit (`delivery.expiryMs` ← `delivery.expiry: 5d`).
 */
export type Schema = { readonly [Path in ConfigPath]: KeyDescription<ValueAt<Config, Path>> };

/** The part of the schema under some sections. */
export type SectionKeys<Section extends string> = Pick<
  Schema,
  Extract<ConfigPath, Section | `${Section}.${string}`>
>;
