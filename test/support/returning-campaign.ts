import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ProviderInput, Simulator } from '../../simulator/index.ts';
import { campaignFolder, senderDomain } from './campaign-folder.ts';
import { runTodoku, startTodoku } from './todoku-run.ts';
import type { TodokuRun } from './todoku-run.ts';

/** A provider that takes everything, and thinks again. */
export function secondThoughts(returns: ProviderInput['returns']): ProviderInput {
  return {
    id: 'second-thoughts',
    name: { ja: '後から', en: 'second thoughts' },
    domains: ['later.example'],
    hosts: [{ name: 'mx.later.example', address: '127.1.77.1' }],
    startTls: 'none',
    returns,
  };
}

/** A folder with a campaign that is stored, and a configuration that delivers to the simulator and listens. */
export async function storedCampaign(simulator: Simulator, addresses: readonly string[]): Promise<string> {
  const { folder, send } = campaignFolder({ port: 1, addresses });
  const config = {
    dns: { servers: [simulator.dnsServer] },
    delivery: { hostname: `mail.${senderDomain}`, port: simulator.smtpPort },
    domains: [{ name: senderDomain, returnPath: `bounce.${senderDomain}` }],
    inbound: { listen: '127.0.0.1:0' },
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  expect(await runTodoku(folder, [...send, '--no-wait'])).toMatchObject({ code: 0 });
  return folder;
}

/** `todoku serve`, listening, with the simulator's returns led to it. */
export async function serveReturns(folder: string, simulator: Simulator): Promise<TodokuRun> {
  const todoku = startTodoku(folder, ['serve', '--json']);
  const started = JSON.parse(await todoku.printed(/"started"/)) as {
    smtp: { host: string; port: number };
    returnPaths: string[];
  };
  expect(started.returnPaths).toEqual([`bounce.${senderDomain}`]);
  simulator.returnTo(started.smtp);
  return todoku;
}

/** Resolves when `count` mails have come back and have been answered: the replies by the id of the return. */
export function returnsAnswered(simulator: Simulator, count: number): Promise<Map<string, string[]>> {
  const replies = new Map<string, string[]>();
  let left = count;
  return new Promise((resolve) => {
    const end = simulator.onHappening((happening) => {
      if (happening.kind !== 'returned') return;
      replies.set(happening.cause, [...(replies.get(happening.cause) ?? []), happening.reply]);
      left -= 1;
      if (left > 0) return;
      end();
      resolve(replies);
    });
  });
}

/** Reason by address. */
export async function suppressedIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const file = join(folder, 'suppressions.csv');
  expect(await runTodoku(folder, ['suppression', 'export', file])).toMatchObject({ code: 0 });
  const rows = readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1);
  return new Map(rows.map((row) => [row.split(',')[0] ?? '', row.split(',')[1] ?? '']));
}
