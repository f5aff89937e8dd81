import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createOpenProduct } from '../../src/app/product.ts';
import { startSimulation } from '../../src/app/simulation.ts';
import { writeDemo } from '../../src/app/demo-files.ts';
import { systemClock } from '../../src/base/index.ts';
import { startArrivalSink } from './arrivals.ts';
import type { Arrivals } from './arrivals.ts';
import { campaignFolder, senderDomain } from './campaign-folder.ts';
import { runInProcess } from './cli-run.ts';
import type { CliResult } from './cli-run.ts';

/** What the one line says in each language. */
export type RefusalTexts = { readonly ja: RegExp; readonly en: RegExp };

/** A folder with a good configuration, template and list, whose mail goes to a sink: each test spoils one thing. */
export type Workshop = {
  readonly folder: string;
  readonly arrivals: Arrivals;
  /** Writes a file, answers its path. */
  file(name: string, content: string | Uint8Array): string;
  /** Path of a name in the folder. */
  path(name: string): string;
  /** Arguments of a good `todoku send`, with these options in place of its own. */
  send(changes?: Readonly<Record<string, string>>): readonly string[];
  /** Runs in this process with the folder's configuration; `--data` is `store` in the folder, which does not exist yet. */
  run(argv: readonly string[]): Promise<CliResult>;
};

export const people = ['taro@example.jp', 'hanako@example.jp', 'jiro@example.jp'] as const;

export async function workshop(): Promise<Workshop> {
  const { sink, arrivals } = await startArrivalSink();
  const { folder } = campaignFolder({ port: sink.port, addresses: people });
  const path = (name: string): string => join(folder, name);
  const store = path('store');
  const run = async (argv: readonly string[]): Promise<CliResult> =>
    await runInProcess(['--config', path('todoku.yaml'), '--data', store, '--json', ...argv], {
      clock: systemClock,
      openProduct: createOpenProduct({ clock: systemClock, random: Math.random, version: '1.2.3' }),
      startSimulation,
      writeDemo,
    });
  return {
    folder,
    arrivals,
    path,
    file(name, content) {
      writeFileSync(path(name), content);
      return path(name);
    },
    send: (changes = {}) => sendArguments(folder, changes),
    run,
  };
}

/** Runs in both languages, and holds the command to one line, and to have left and sent nothing. */
export async function expectRefused(
  shop: Workshop,
  argv: readonly string[],
  texts: RefusalTexts,
): Promise<void> {
  const before = readdirSync(shop.folder);
  for (const language of ['ja', 'en'] as const) {
    const result = await shop.run([...argv, '--lang', language]);
    expectOneLine(result, texts[language]);
  }
  expect(readdirSync(shop.folder), 'files left behind').toEqual(before);
  expect(shop.arrivals.count).toBe(0);
}

/** Exit code 2, nothing on standard output, one line without a stack, a secret or a control character. */
export function expectOneLine(result: CliResult, text: RegExp): void {
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toMatch(/^todoku: [^\n\r]+\n$/);
  expect(result.stderr).not.toMatch(
    / {4}at |\.ts:\d|PRIVATE KEY-----\s*\S|undefined is|\[object|不具合|a fault/,
  );
  expect(result.stderr.trimEnd()).not.toMatch(/\p{Cc}/u);
  expect(result.stderr).toMatch(text);
}

function sendArguments(folder: string, changes: Readonly<Record<string, string>>): readonly string[] {
  const options = {
    from: `届く商店 <news@${senderDomain}>`,
    subject: '{{ name }}様へのお知らせ',
    template: join(folder, 'news.html'),
    recipients: join(folder, 'list.csv'),
    ...changes,
  };
  return ['send', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])];
}
