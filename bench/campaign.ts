import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from './answer.ts';
import { limitMs } from './contenders/contender.ts';
import { oneDomain, writeRecipients } from './load.ts';
import type { Load } from './load.ts';
import { measure } from './measure.ts';
import type { Measured } from './measure.ts';

const bin = fileURLToPath(new URL('../bin/todoku.js', import.meta.url));

export type CampaignOptions = {
  /** Made when missing; everything of the campaign is in it. */
  readonly folder: string;
  readonly load: Load;
  readonly count: number;
  /** RSA-2048 in PEM form; null: unsigned. */
  readonly keyFile: string | null;
  /** Keys below `delivery`: the route to the sink, and what the measurement varies. */
  readonly delivery: Readonly<Record<string, unknown>>;
  /** Keys below `dns`. */
  readonly dns?: Readonly<Record<string, unknown>>;
  /** Domain of the recipient in a row; one and the same by default. */
  readonly domainOf?: (row: number) => string;
};

/** Everything to one host. */
export function routeTo(port: number): { readonly routes: readonly object[] } {
  return { routes: [{ domain: '*', host: '127.0.0.1', port }] };
}

/** Stores a campaign and sends nothing: what is measured afterwards is delivery alone. */
export async function storeCampaign(options: CampaignOptions): Promise<Measured> {
  const { folder, load, keyFile } = options;
  mkdirSync(folder, { recursive: true });
  writeRecipients(join(folder, 'recipients.csv'), {
    count: options.count,
    slots: load.slots,
    domainOf: options.domainOf ?? oneDomain,
  });
  writeFileSync(join(folder, 'mail.html'), load.html);
  writeFileSync(join(folder, 'mail.txt'), load.text);
  const dkim = keyFile === null ? [] : [{ selector: 's1', key: keyFile, algorithm: 'rsa-sha256' }];
  const configuration = {
    delivery: { hostname: 'bench.example', ...options.delivery },
    ...(options.dns === undefined ? {} : { dns: options.dns }),
    domains: [{ name: 'example.com', returnPath: 'bounce.example.com', dkim }],
  };
  // YAML contains JSON.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(configuration));
  const content = ['--from', 'Bench <news@example.com>', '--subject', 'News for {{ v0 }}'];
  const files = ['--template', 'mail.html', '--text', 'mail.txt', '--recipients', 'recipients.csv'];
  const command = [process.execPath, bin, 'send', ...content, ...files, '--no-wait', '--json'];
  return await measure(command, { cwd: folder, limitMs });
}

/** Delivers what is stored in the folder it runs in; `nodeOptions` for profiling. */
export function resumeCommand(nodeOptions: readonly string[] = []): readonly string[] {
  return [process.execPath, ...nodeOptions, bin, 'resume', '--json'];
}

const answer = z.object({ delivered: z.number(), seconds: z.number(), cpuSeconds: z.number() });

/** What `todoku resume --json` says: times of delivery itself, without loading and opening. */
export function readResume(stdout: string): z.infer<typeof answer> {
  return readAnswer(stdout, answer);
}
