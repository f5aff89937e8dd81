import { configReference } from '../src/config/index.ts';
import { clientFiles } from './client-source.ts';
import { errorsPage, scanErrorCodes } from './error-codes.ts';
import { metricsPage } from './metrics-page.ts';

/** A file that is written by a program and committed. */
export type GeneratedFile = {
  /** From the root of the repository. */
  readonly path: string;
  /** Its text; `root` is the folder of the repository. */
  readonly make: (root: string) => string;
};

/** All of them; `npm run generate` writes, `--check` and a test compare. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'docs/config.md', make: () => configReference() },
  { path: 'docs/errors.md', make: (root) => errorsPage(scanErrorCodes(root).sites) },
  { path: 'docs/metrics.md', make: () => metricsPage() },
  ...clientFiles(),
];
