import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../simulator/index.ts';
import type { Simulator } from '../../simulator/index.ts';
import type { ExplainedSite } from '../../src/cli/index.ts';
import type { PathAccount } from '../../src/delivery/index.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku, sendResult } from '../support/todoku-run.ts';

// A provider's ten seconds pass in one.
const timeScale = 10;

async function strictProvider(): Promise<Simulator> {
  const simulator = await startSimulator({
    seed: 'pace',
    folder: temporaryFolder(),
    tls: false,
    timeScale,
    providers: [
      {
        id: 'strict',
        name: { ja: '厳しい会社', en: 'Strict company' },
        domains: ['strict.example'],
        anyDomain: true,
        hosts: [{ name: 'mx.strict.example', address: '127.1.97.1' }],
        connections: { max: 5, reply: '421 4.7.0 too many connections from {ip}' },
        rates: [
          {
            id: 'rate',
            messages: 50,
            perSeconds: 1,
            reply: '421 4.7.0 too many messages, slow down',
            close: true,
          },
        ],
      },
    ],
  });
  onTestFinished(() => simulator.stop());
  return simulator;
}

function addressesFrom(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `m${first + index}@strict.example`);
}

// What the program printed is what its port says; the assertions are the check.
function explainedIn(stdout: string): ExplainedSite {
  return JSON.parse(stdout) as ExplainedSite;
}

function pathsIn(stdout: string): readonly PathAccount[] {
  return (JSON.parse(stdout) as { paths: readonly PathAccount[] }).paths;
}

/** How often the provider said that we are too fast. */
function refusals(simulator: Simulator): number {
  const refused = simulator.stats()['strict']?.refused ?? {};
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

test(
  'over real sockets: few refusals, a pace that is kept over a restart, and a way out that explains itself',
  { timeout: 120_000 },
  async () => {
    const simulator = await strictProvider();
    const host = '127.1.97.1';
    const campaign = campaignFolder({ host, port: simulator.smtpPort, addresses: addressesFrom(0, 3_000) });
    const impatient = { TODOKU_DELIVERY_RETRY_FIRST: '1s' };
    const first = sendResult(await runTodoku(campaign.folder, campaign.send, impatient));
    expect(first.delivered).toBe(3_000);
    // Each of its threads and its five connections may have to be told.
    expect(refusals(simulator)).toBeLessThan(60);

    const asked = await runTodoku(campaign.folder, ['path', 'list', '--json']);
    const paths = pathsIn(asked.stdout);
    expect(paths).toHaveLength(1);
    expect(paths[0]?.pace?.perSecond).toBeGreaterThan(0);

    const explained = await runTodoku(campaign.folder, ['path', 'explain', host, '--json']);
    const answer = explainedIn(explained.stdout);
    expect(answer.route).toBe('recorded');
    const [path] = answer.paths;
    expect(path?.limits.messagesPerSecond.from).toMatch(/^learnt 20\d\d-/);
    expect(['speeding', 'toomanyconn']).toContain(path?.changes[0]?.because);
    expect(path?.changes[0]?.said).toMatch(/^421 4\.7\.0 too many/);
    expect(path?.replies.map(({ replyCode }) => replyCode)).toContain(250);

    const before = refusals(simulator);
    const rows = addressesFrom(3_000, 500).map((address) => `${address},名前,code`);
    writeFileSync(join(campaign.folder, 'list.csv'), ['email,name,code', ...rows, ''].join('\n'));
    const again = sendResult(await runTodoku(campaign.folder, campaign.send, impatient));
    expect(again.delivered).toBe(500);
    expect(refusals(simulator) - before).toBeLessThanOrEqual(5);
  },
);

test('a site that was never mailed is explained from what is known', async () => {
  const folder = temporaryFolder();
  const asked = await runTodoku(folder, ['path', 'explain', 'au', '--json', '--source', '192.0.2.1'], {
    TODOKU_DNS_SERVERS: '["127.0.0.1:9"]',
  });
  const answer = explainedIn(asked.stdout);
  expect(answer.provider).toBe('au');
  expect(answer.paths[0]).toMatchObject({
    source: '192.0.2.1',
    state: 'new',
    limits: { messageOctets: { value: 3_145_728, from: 'knowledge/shaping.yaml: au (published)' } },
  });
});
