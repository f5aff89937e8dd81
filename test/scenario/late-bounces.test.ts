import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../simulator/index.ts';
import {
  returnsAnswered,
  secondThoughts,
  serveReturns,
  storedCampaign,
  suppressedIn,
} from '../support/returning-campaign.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { askLedger, runTodoku, whyAnswer } from '../support/todoku-run.ts';

// Shares by seed, so that each address's fate is known beforehand.
const thinksAgain = secondThoughts([
  { id: 'unknown', share: 0.05, kind: 'bounce', reply: '550 5.1.1 <{recipient}>: User unknown' },
  { id: 'full', share: 0.05, kind: 'bounce', reply: '552 5.2.2 <{recipient}>: Mailbox full' },
  { id: 'blocked', share: 0.03, kind: 'bounce', reply: '554 5.7.1 Client host blocked using a blocklist' },
  { id: 'junk', share: 0.05, kind: 'complaint' },
  { id: 'slow', share: 0.05, kind: 'delay', reply: '451 4.4.1 <{recipient}>: Connection timed out' },
  { id: 'away', share: 0.05, kind: 'auto-reply' },
  { id: 'thanks', share: 0.02, kind: 'answer' },
  { id: 'guessed', share: 0.05, kind: 'forged-seal' },
  { id: 'stolen', share: 0.05, kind: 'forged-domain' },
  { id: 'overheard', share: 0.05, kind: 'forged-header' },
]);
const taken = ['unknown', 'full', 'blocked', 'junk', 'slow', 'away', 'thanks', 'overheard'];
const refused = ['guessed', 'stolen'];
const bouncing = ['unknown', 'full', 'blocked'];

const addresses = Array.from({ length: 3_000 }, (_, row) => `user${row}@later.example`);

test('late bounces turn deliveries into bounces, complaints suppress, forgeries do nothing, and the ledger adds up', async () => {
  const simulator = await startSimulator({
    seed: 'late',
    folder: temporaryFolder(),
    providers: [thinksAgain],
    tls: false,
    returns: true,
  });
  onTestFinished(() => simulator.stop());
  const fates = Map.groupBy(addresses, (address) => simulator.expectedReturn(address)?.id ?? '');
  const of = (id: string): readonly string[] => fates.get(id) ?? [];
  expect([...fates.values()].every((each) => each.length > 20)).toBe(true);

  const folder = await storedCampaign(simulator, addresses);
  const answered = returnsAnswered(simulator, addresses.length - of('').length);
  const todoku = await serveReturns(folder, simulator);
  const replies = await answered;
  const strange = [
    ...taken.flatMap((id) => replies.get(id)?.filter((reply) => reply !== '250 2.0.0 Taken') ?? [id]),
    ...refused.flatMap((id) => replies.get(id)?.filter((reply) => !reply.startsWith('550 5.7.1 ')) ?? [id]),
  ];
  expect(strange).toEqual([]);

  // Commands that only read work beside it; one that writes is done by the process that serves.
  const cancelled = await runTodoku(folder, ['cancel', 'c-x', '--json']);
  expect(cancelled.code).toBe(2);
  expect(cancelled.stderr).toMatch(/there is no open campaign c-x/);
  await expect.poll(async () => (await askLedger(folder)).total.waiting, { timeout: 60_000 }).toBe(0);
  todoku.kill('SIGTERM');
  expect(await todoku.end).toMatchObject({ code: 0, signal: null });

  const bounced = bouncing.reduce((sum, id) => sum + of(id).length, 0);
  expect((await askLedger(folder)).total).toMatchObject({
    accepted: addresses.length,
    bounced,
    delivered: addresses.length - bounced,
    suppressed: 0,
    waiting: 0,
  });
  expect(await suppressedIn(folder)).toEqual(
    new Map([
      ...of('unknown').map((address) => [address, 'bounced'] as const),
      ...of('junk').map((address) => [address, 'complained'] as const),
    ]),
  );
  const states = { unknown: 'bounced', blocked: 'bounced', overheard: 'delivered', away: 'delivered' };
  for (const [id, state] of Object.entries(states)) {
    const address = of(id)[0] ?? '';
    const answer = whyAnswer(await runTodoku(folder, ['why', address, '--json']));
    expect({ id, state: answer.state }).toEqual({ id, state });
  }
});
