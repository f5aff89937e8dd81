import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeAuthority } from '../support/authority.ts';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { a, mx, startDnsZone } from '../support/dns-zone.ts';
import type { ZoneAnswer } from '../support/dns-zone.ts';
import { startReceiver } from '../support/tls-receiver.ts';
import { runTodoku, sendResult, whyAnswer } from '../support/todoku-run.ts';

// So that what is demanded in vain ends within the test, instead of after five days.
const hasty = { TODOKU_DELIVERY_EXPIRY: '1s', TODOKU_DELIVERY_RETRY_FIRST: '100ms' };

/** A receiver that can prove to be mx.open.test, and no other of the hosts whose mail it takes. */
async function world(addresses: readonly string[]) {
  const authority = makeAuthority();
  const receiver = await startReceiver({
    kind: 'offered',
    certificate: authority.issue({ hosts: ['mx.open.test'] }),
  });
  const records: Record<string, ZoneAnswer> = {};
  for (const domain of ['open.test', 'strict.test']) {
    records[`MX ${domain}`] = { answers: [mx(domain, 10, `mx.${domain}`)] };
    records[`A mx.${domain}`] = { answers: [a(`mx.${domain}`, '127.0.0.1')] };
  }
  const zone = await startDnsZone(records);
  onTestFinished(async () => {
    await receiver.close();
    await zone.close();
  });
  const { folder, send } = campaignFolder({ port: 1, addresses });
  writeFileSync(join(folder, 'ca.pem'), authority.certificate);
  const config = {
    dns: { servers: [zone.server] },
    delivery: {
      hostname: `mail.${senderDomain}`,
      port: receiver.port,
      tlsCa: 'ca.pem',
      tlsPolicies: [{ domain: 'strict.test', mode: 'verified' }],
    },
    domains: [{ name: senderDomain }],
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(config));
  return { folder, send, receiver };
}

test('mail to a domain whose certificate must be valid waits for one, says why, and is counted', async () => {
  const { folder, send, receiver } = await world(['a@open.test', 'b@strict.test']);
  const result = sendResult(await runTodoku(folder, send, hasty));
  expect(result).toMatchObject({ accepted: 2, delivered: 1, expired: 1 });
  expect(receiver.mails).toEqual([{ secure: true, to: 'a@open.test' }]);

  const why = whyAnswer(await runTodoku(folder, ['why', 'b@strict.test', '--json']));
  expect(why).toMatchObject({ state: 'expired', verdict: 'failedstarttls' });
  expect(why.advice.en.title).toMatch(/certificate is for another name/);
  expect(why.advice.ja.title).toMatch(/証明書の名前が合いません/);

  const list = await runTodoku(folder, ['tls', 'report', 'list', '--json']);
  const days = list.stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(days).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ domain: 'open.test', state: 'open', sessions: 1, failures: 0 }),
      // By what it publishes the domain may have any certificate: the report is about its policy, not about ours.
      expect.objectContaining({ domain: 'strict.test', failures: 0 }),
    ]),
  );
});

test('a campaign that demands REQUIRETLS bounces where nobody can promise it', async () => {
  const { folder, send, receiver } = await world(['a@open.test']);
  const result = sendResult(await runTodoku(folder, [...send, '--require-tls'], hasty));
  expect(result).toMatchObject({ accepted: 1, bounced: 1 });
  expect(receiver.mails).toEqual([]);
  const why = whyAnswer(await runTodoku(folder, ['why', 'a@open.test', '--json']));
  expect(why.advice.en.title).toMatch(/protection that this mail demands/);
});
