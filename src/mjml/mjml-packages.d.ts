// What is used of two packages that carry no declarations. @types/mjml-core knows no `presets`, and there is none for the other.
declare module 'mjml-core' {
  export type MjmlComponent = {
    readonly endingTag?: boolean;
    readonly allowedAttributes?: Readonly<Record<string, string>>;
    getTagName(): string;
  };
  export type MjmlPreset = {
    readonly components: readonly MjmlComponent[];
    /** Which elements may stand in which. */
    readonly dependencies: Readonly<Record<string, readonly (string | RegExp)[]>>;
  };
  export type MjmlOptions = {
    readonly presets: readonly MjmlPreset[];
    readonly minify: boolean;
    readonly beautify: boolean;
    readonly keepComments: boolean;
    readonly ignoreIncludes: boolean;
    readonly useMjmlConfigOptions: boolean;
    readonly validationLevel: 'soft';
  };
  export type MjmlAnswer = {
    readonly html: string;
    readonly errors: readonly {
      readonly line: number;
      readonly message: string;
      readonly tagName: string;
    }[];
  };
  type Compile = (source: string, options: MjmlOptions) => Promise<MjmlAnswer>;
  /** CommonJS: Node gives the function as property `default` of the module's default, bundlers and vitest as the default. */
  const module: Compile | { readonly default: Compile };
  export default module;
}

declare module 'mjml-preset-core' {
  import type { MjmlPreset } from 'mjml-core';

  const preset: MjmlPreset;
  export default preset;
}
