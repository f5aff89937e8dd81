// kill -9 while applications hand over mail: what got its 202 is in the ledger and arrives, nothing else does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { httpSubmitter, smtpSubmitter } from '../support/submitting.ts';
import type { Submitted, Submitter } from '../support/submitting.ts';
import { askLedger, runTodoku, startTodoku } from '../support/todoku-run.ts';
import type { TodokuRun } from '../support/todoku-run.ts';
import { mostTwice } from './durability/bound.ts';

const isLong = process.env['TODOKU_LONG_TESTS'] === '1';
const { mails, kills } = isLong ? { mails: 50_000, kills: 20 } : { mails: 3_000, kills: 3 };
const connections = 32;
const connectionsPerPath = 20;

/** The next number of a sequence that looks random and is the same in every run (Numerical Recipes' LCG). */
function following(seed: number): number {
  return (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
}

function configure(port: number): string {
  const { folder } = campaignFolder({ port, addresses: [] });
  const config = {
    delivery: {
      hostname: `mail.${senderDomain}`,
      routes: [{ domain: '*', host: '127.0.0.1', port }],
      threads: 2,
      connectionsPerPath,
    },
    domains: [
      {
        name: senderDomain,
        dkim: [{ selector: 'e', key: 'ed25519-sha256.pem', algorithm: 'ed25519-sha256' }],
      },
    ],
    http: {
      listen: '127.0.0.1:0',
      // The test's own client is the fastest that anybody has.
      limits: { requestsPerMinute: 1_000_000 },
    },
    inbound: { submission: { listen: '127.0.0.1:0', clearLoopback: true } },
  };
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  return folder;
}

type Clients = { readonly http: Submitter; readonly smtp: Submitter; close(): void };

async function startServing(folder: string, token: string): Promise<{ run: TodokuRun; clients: Clients }> {
  const run = startTodoku(folder, ['serve', '--json']);
  const { doors } = JSON.parse(await run.printed(/"started"/)) as {
    doors: { name: string; places: { port: number }[] }[];
  };
  const portOf = (name: string): number =>
    doors.find((door) => door.name === name)?.places.find(({ port }) => port > 0)?.port ?? 0;
  const http = httpSubmitter(portOf('http'), token, connections / 2);
  const smtp = smtpSubmitter(portOf('submission'), token, connections / 2);
  const close = (): void => {
    http.close();
    smtp.close();
  };
  return { run, clients: { http, smtp, close } };
}

/**
 * Submissions that go on over several runs of the server, half of them by HTTP, half by SMTP. By HTTP each is repeated under
 * its key until it is accepted. SMTP knows no such keys: what broke off may have been accepted, and is not sent again.
 */
class Work {
  readonly accepted = new Map<string, string>();
  readonly unanswered = new Set<string>();
  readonly #left: { readonly http: string[]; readonly smtp: string[] };
  repeats = 0;

  constructor(keys: readonly string[]) {
    const newestFirst = [...keys].toReversed();
    this.#left = { http: newestFirst.filter(byHttp), smtp: newestFirst.filter((key) => !byHttp(key)) };
  }

  get done(): boolean {
    return this.#left.http.length + this.#left.smtp.length === 0;
  }

  /** Works until all is accepted or the server is gone; `onAccepted` hears how many were in this run. */
  async run(clients: Clients, onAccepted: (count: number) => void): Promise<void> {
    const state = { count: 0, gone: false };
    const worker = async (door: 'http' | 'smtp'): Promise<void> => {
      while (!state.gone) {
        const key = this.#left[door].pop();
        if (key === undefined) return;
        const answer = await clients[door].submit(addressOf(key), key);
        if (answer.kind === 'accepted') {
          this.#take(key, answer);
          onAccepted((state.count += 1));
        } else if (answer.kind === 'unknown') {
          if (door === 'http') this.#left.http.push(key);
          else this.unanswered.add(key);
          state.gone = true;
        } else if (answer.status === 421) this.#left[door].push(key);
        else throw new Error(`${key}: ${answer.status} ${answer.body}`);
      }
    };
    const doors = Array.from({ length: connections }, (_, at) => worker(at % 2 === 0 ? 'http' : 'smtp'));
    await Promise.all(doors);
  }

  #take(key: string, { id, repeated }: Extract<Submitted, { kind: 'accepted' }>): void {
    if (this.accepted.has(key)) throw new Error(`${key} was accepted twice`);
    this.accepted.set(key, id.startsWith('<') ? id : `<${id}@${senderDomain}>`);
    if (repeated) this.repeats += 1;
  }
}

function byHttp(key: string): boolean {
  return Number(key.slice(5)) % 2 === 0;
}

function addressOf(key: string): string {
  return `${key}@d${Number(key.slice(5)) % 40}.example`;
}

test(
  `${kills} times kill -9 while ${mails} mails are handed over`,
  { timeout: isLong ? 3_600_000 : 240_000 },
  async () => {
    const { sink, arrivals } = await startArrivalSink();
    const folder = configure(sink.port);
    const made = await runTodoku(folder, ['key', 'create', 'shop', '--json']);
    const { token } = JSON.parse(made.stdout) as { token: string };
    const keys = Array.from({ length: mails }, (_, at) => `order${at}`);
    const work = new Work(keys);
    const unwritten: number[] = [];
    let [seed, before] = [20_261_124, { arrived: 0, delivered: 0 }];
    for (let kill = 1; kill <= kills; kill += 1) {
      const { run, clients } = await startServing(folder, token);
      seed = following(seed);
      // The high bits of this generator are the good ones; on average all of it is handed over by the last kill.
      const killAfter = 1 + ((seed >>> 8) % Math.floor((1.6 * mails) / kills));
      await work.run(clients, (count) => {
        if (count === killAfter) run.kill('SIGKILL');
      });
      run.kill('SIGKILL');
      clients.close();
      expect(await run.end).toMatchObject({ signal: 'SIGKILL' });
      const { accepted, delivered, waiting } = (await askLedger(folder)).total;
      expect(accepted).toBeGreaterThanOrEqual(work.accepted.size);
      expect(accepted).toBeLessThanOrEqual(work.accepted.size + work.unanswered.size + connections);
      expect(accepted).toBe(delivered + waiting);
      const lost = arrivals.count - before.arrived - (delivered - before.delivered);
      expect(lost).toBeGreaterThanOrEqual(0);
      // 40 domains are one site: they share their host.
      expect(lost).toBeLessThanOrEqual(mostTwice({ threads: 2, connectionsPerPath }));
      unwritten.push(lost);
      before = { arrived: arrivals.count, delivered };
    }

    const last = await startServing(folder, token);
    await work.run(last.clients, () => undefined);
    expect(work.done).toBe(true);
    const { accepted } = (await askLedger(folder)).total;
    expect(accepted).toBeGreaterThanOrEqual(work.accepted.size);
    expect(accepted).toBeLessThanOrEqual(work.accepted.size + work.unanswered.size);
    await arrivals.reached(accepted + unwritten.reduce((sum, lost) => sum + lost, 0));
    // What is asked again gets the first answer, and makes nothing.
    const again = new Work(keys.filter((key, at) => at % 10 === 0 && byHttp(key)));
    await again.run(last.clients, () => undefined);
    for (const [key, id] of again.accepted) expect(id).toBe(work.accepted.get(key));
    last.clients.close();
    last.run.kill('SIGTERM');
    expect(await last.run.end).toMatchObject({ code: 0 });

    const { total } = await askLedger(folder);
    expect(total).toMatchObject({ accepted, delivered: accepted, waiting: 0 });
    expect(work.accepted.size + work.unanswered.size).toBe(mails);
    expect(arrivals.byRecipient.size).toBe(accepted);
    const asked = new Set([...work.accepted.keys(), ...work.unanswered].map(addressOf));
    expect([...arrivals.byRecipient.keys()].filter((address) => !asked.has(address))).toEqual([]);
    expect(arrivals.duplicates).toBe(unwritten.reduce((sum, lost) => sum + lost, 0));
    // Every copy of a mail is the mail: the Message-ID that its sender was told.
    for (const [key, id] of work.accepted)
      expect(new Set(arrivals.byRecipient.get(addressOf(key)))).toEqual(new Set([id]));
    console.log(
      `arrived and not yet written at each kill: ${unwritten.join(', ')}; answers lost: ${work.repeats} by HTTP, ${accepted - work.accepted.size} by SMTP`,
    );
  },
);
