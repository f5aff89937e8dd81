import { expect, test } from 'vitest';
import { createClient, TodokuError } from '../../src/client/index.ts';
import { senderDomain } from '../support/campaign-folder.ts';
import { startServed } from '../support/served.ts';
import { openSmtpDialog } from '../support/smtp-dialog.ts';
import { askLedger, startTodoku } from '../support/todoku-run.ts';

const clients = 20;

test('SIGTERM under load: each 202 is delivered, now or after the next start; the rest is refused politely', async () => {
  const served = await startServed({ metrics: { listen: '127.0.0.1:0' } });
  const todoku = createClient({ baseUrl: served.url, token: await served.key('load') });
  const dialog = await openSmtpDialog(served.submissionPort);
  expect(await dialog.reply()).toMatch(/^220 /);
  const accepted: string[] = [];
  const refused: unknown[] = [];
  let ending = false;
  const load = async (client: number): Promise<void> => {
    for (let number = 0; refused.length < clients; number += 1) {
      const to = `c${client}-${number}@d.example`;
      try {
        const { id } = await todoku.messages.create({
          from: `a@${senderDomain}`,
          to,
          subject: 's',
          text: 't',
        });
        accepted.push(id);
      } catch (error) {
        // Before the signal nothing is refused.
        expect(ending).toBe(true);
        refused.push(error);
        return;
      }
    }
  };
  const working = Promise.all(Array.from({ length: clients }, async (_, client) => await load(client)));
  await expect.poll(() => accepted.length, { timeout: 30_000 }).toBeGreaterThan(200);
  ending = true;
  served.run.kill('SIGTERM');
  await working;
  expect(await dialog.reply()).toMatch(/^421 /);
  const end = await served.run.end;
  expect(end).toMatchObject({ code: 0, signal: null });
  for (const error of refused) {
    // Turned away with 503, or nobody listens any more.
    if (error instanceof TodokuError) expect(error.status).toBe(503);
    else expect(error).toBeInstanceOf(TypeError);
  }
  expect((await askLedger(served.folder)).total.accepted).toBe(accepted.length);

  const next = startTodoku(served.folder, ['serve', '--json']);
  await next.printed(/"started"/);
  await expect.poll(() => served.received.length, { timeout: 30_000 }).toBe(accepted.length);
  next.kill('SIGTERM');
  expect(await next.end).toMatchObject({ code: 0 });
  expect(new Set(served.received.flatMap(({ to }) => to)).size).toBe(accepted.length);
  expect((await askLedger(served.folder)).total).toMatchObject({ delivered: accepted.length, waiting: 0 });
});
