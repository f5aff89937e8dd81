import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../simulator/index.ts';
import type { ProviderInput, Simulator } from '../../simulator/index.ts';
import { askLedger, runTodoku, startTodoku, whyAnswer } from '../support/todoku-run.ts';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';

// A provider that takes everything, and thinks again: shares by seed, so that each address's fate is known beforehand.
const thinksAgain: ProviderInput = {
  id: 'second-thoughts',
  name: { ja: '後から', en: 'second thoughts' },
  domains: ['later.example'],
  hosts: [{ name: 'mx.later.example', address: '127.1.77.1' }],
  startTls: 'none',
  returns: [
    {
      id: 'unknown',
      share: 0.05,
      kind: 'bounce',
      reply: '550 5.1.1 <{recipient}>: Recipient address rejected: User unknown',
    },
    { id: 'full', share: 0.05, kind: 'bounce', reply: '552 5.2.2 <{recipient}>: Mailbox full' },
    {
      id: 'blocked',
      share: 0.03,
      kind: 'bounce',
      reply: '554 5.7.1 Service unavailable; client host blocked using a blocklist',
    },
    { id: 'junk', share: 0.05, kind: 'complaint' },
    { id: 'slow', share: 0.05, kind: 'delay', reply: '451 4.4.1 <{recipient}>: Connection timed out' },
    { id: 'away', share: 0.05, kind: 'auto-reply' },
    { id: 'thanks', share: 0.02, kind: 'answer' },
    { id: 'guessed', share: 0.05, kind: 'forged-seal' },
    { id: 'stolen', share: 0.05, kind: 'forged-domain' },
    { id: 'overheard', share: 0.05, kind: 'forged-header' },
  ],
};

const addresses = Array.from({ length: 3_000 }, (_, row) => `user${row}@later.example`);
const bouncing = new Set(['unknown', 'full', 'blocked']);

/** Addresses by the id of what they send back; '' for those that send nothing. */
function fates(simulator: Simulator): Map<string, string[]> {
  return Map.groupBy(addresses, (address) => simulator.expectedReturn(address)?.id ?? '');
}

/** Resolves when `count` mails have come back and have been answered. */
function allReturned(simulator: Simulator, count: number): Promise<Map<string, string[]>> {
  const replies = new Map<string, string[]>();
  let left = count;
  return new Promise((resolve) => {
    simulator.onHappening((happening) => {
      if (happening.kind !== 'returned') return;
      replies.set(happening.cause, [...(replies.get(happening.cause) ?? []), happening.reply]);
      left -= 1;
      if (left === 0) resolve(replies);
    });
  });
}

/** A folder with a campaign that is stored, and a configuration that delivers to the simulator and listens. */
async function storedCampaign(simulator: Simulator): Promise<string> {
  const { folder, send } = campaignFolder({ port: 1, addresses });
  const config: unknown = JSON.parse(readFileSync(join(folder, 'todoku.yaml'), 'utf8'));
  const changed = Object.assign({}, config, {
    dns: { servers: [simulator.dnsServer] },
    delivery: { hostname: `mail.${senderDomain}`, port: simulator.smtpPort },
    domains: [{ name: senderDomain, returnPath: `bounce.${senderDomain}` }],
    inbound: { listen: '127.0.0.1:0' },
  });
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(changed));
  expect(await runTodoku(folder, [...send, '--no-wait'])).toMatchObject({ code: 0 });
  return folder;
}

async function suppressed(folder: string): Promise<ReadonlyMap<string, string>> {
  const file = join(folder, 'suppressions.csv');
  expect(await runTodoku(folder, ['suppression', 'export', file])).toMatchObject({ code: 0 });
  const rows = readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1);
  return new Map(rows.map((row) => [row.split(',')[0] ?? '', row.split(',')[1] ?? '']));
}

test('late bounces turn deliveries into bounces, complaints suppress, forgeries do nothing, and the ledger adds up', async () => {
  const { folder: own } = campaignFolder({ port: 1, addresses: [] });
  const simulator = await startSimulator({
    seed: 'late',
    folder: own,
    providers: [thinksAgain],
    tls: false,
    returns: true,
  });
  onTestFinished(() => simulator.stop());
  const fate = fates(simulator);
  const of = (id: string): readonly string[] => fate.get(id) ?? [];
  const returning = addresses.length - of('').length;
  expect([...fate.values()].every((each) => each.length > 20)).toBe(true);

  const folder = await storedCampaign(simulator);
  const todoku = startTodoku(folder, ['serve', '--json']);
  const started: unknown = JSON.parse(await todoku.printed(/"started"/));
  expect(started).toMatchObject({ waiting: addresses.length, returnPaths: [`bounce.${senderDomain}`] });
  const returned = allReturned(simulator, returning);
  simulator.returnTo((started as { smtp: { host: string; port: number } }).smtp); // matched above
  const replies = await returned;
  // Commands that only read work beside it; others say what to do.
  expect(await runTodoku(folder, ['cancel', 'c-x', '--json'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/another Todoku .*`serve`.* — stop it with `kill \d+`/) as string, // asymmetric matchers are any
  });
  await expect.poll(async () => (await askLedger(folder)).total.waiting).toBe(0);
  todoku.kill('SIGTERM');
  const end = await todoku.end;
  expect(end).toMatchObject({ code: 0, signal: null });

  for (const id of ['unknown', 'full', 'blocked', 'junk', 'slow', 'away', 'thanks', 'overheard'])
    expect(new Set(replies.get(id)), id).toEqual(new Set(['250 2.0.0 Taken']));
  for (const id of ['guessed', 'stolen'])
    expect(
      replies.get(id)?.every((reply) => reply.startsWith('550 5.7.1 ')),
      id,
    ).toBe(true);

  const bounced = [...bouncing].reduce((sum, id) => sum + of(id).length, 0);
  const { total } = await askLedger(folder);
  expect(total).toMatchObject({
    accepted: addresses.length,
    bounced,
    delivered: addresses.length - bounced,
    suppressed: 0,
    waiting: 0,
  });

  const stopped = await suppressed(folder);
  const expected = new Map([
    ...of('unknown').map((address) => [address, 'bounced'] as const),
    ...of('junk').map((address) => [address, 'complained'] as const),
  ]);
  expect(stopped).toEqual(expected);

  for (const [id, state] of [
    ['unknown', 'bounced'],
    ['blocked', 'bounced'],
    ['overheard', 'delivered'],
    ['away', 'delivered'],
  ] as const) {
    const answer = whyAnswer(await runTodoku(folder, ['why', of(id)[0] ?? '', '--json']));
    expect(answer, id).toMatchObject({ state });
  }
});
