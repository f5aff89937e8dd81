import type { MjmlAnswer, MjmlPreset } from 'mjml-core';

/** MJML, loaded: its function, and what it says of its elements. */
export type Compiler = {
  readonly preset: MjmlPreset;
  readonly compile: (source: string) => Promise<MjmlAnswer>;
};

/** Loads MJML, which takes as long as all the rest of Todoku: only for those who use it. */
export async function loadCompiler(): Promise<Compiler> {
  const [core, { default: preset }] = await withoutConfiguration(
    async () => await Promise.all([import('mjml-core'), import('mjml-preset-core')]),
  );
  const options = {
    presets: [preset],
    minify: false,
    beautify: false,
    // Outlook's conditional comments are comments.
    keepComments: true,
    ignoreIncludes: true,
    useMjmlConfigOptions: false,
    validationLevel: 'soft',
  } as const;
  const { default: loaded } = core;
  const mjml2html = typeof loaded === 'function' ? loaded : loaded.default;
  return { preset, compile: async (source) => await mjml2html(source, options) };
}

/**
 * mjml-core reads `.mjmlconfig` of the current folder when it is loaded and runs the packages named there; what a
 * template becomes, and which code runs, must not depend on the folder. MJML_BROWSER is its own way to say so.
 */
async function withoutConfiguration<T>(load: () => Promise<T>): Promise<T> {
  // oxlint-disable-next-line node/no-process-env -- mjml-core asks nothing else
  const environment = process.env;
  const before = environment['MJML_BROWSER'];
  environment['MJML_BROWSER'] = 'true';
  try {
    return await load();
  } finally {
    if (before === undefined) delete environment['MJML_BROWSER'];
    else environment['MJML_BROWSER'] = before;
  }
}
