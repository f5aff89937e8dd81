import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runDelivery } from './delivery-run.ts';
import { farDomain } from './far-dns.ts';
import { withKeyFile } from './key-file.ts';
import { loads } from './load.ts';
import { sectionText, tell } from './section.ts';
import type { Section } from './section.ts';

export type ManySitesOptions = { readonly domains: number; readonly keyFile: string };

const recipientsEach = 2;
const dnsDelayMs = 20;
const roundTripMs = 50;

/** Many small sites instead of one big one: each domain has its own MX host with its own address. */
export async function measureManySites(options: ManySitesOptions): Promise<Section> {
  const { domains, keyFile } = options;
  const [load] = loads;
  if (load === undefined) throw new Error('a load is needed');
  const count = domains * recipientsEach;
  // Recipients of one domain stand apart, as in a list that is not sorted by domain.
  const domainOf = (row: number): string => farDomain(row % domains);
  const rows: string[][] = [];
  for (const [name, key] of [
    ['unsigned', null],
    ['signed', keyFile],
  ] as const) {
    const delays = { dnsDelayMs, replyDelayMs: roundTripMs, byDns: true };
    const run = await runDelivery({ load, count, keyFile: key, domainOf, ...delays });
    tell(`many sites: ${name}: ${(count / run.seconds).toFixed(0)}/s`);
    rows.push([
      name,
      (count / run.seconds).toFixed(0),
      (domains / run.seconds).toFixed(0),
      ((run.cpuSeconds * 1000) / count).toFixed(3),
      run.memory.peakMb.toFixed(0),
      run.memory.steadyMb.toFixed(0),
      String(run.mostOpen),
      run.firstSeconds.toFixed(2),
    ]);
  }
  return {
    title: `Many sites: ${domains} domains × ${recipientsEach} recipients`,
    notes: [
      `Each domain has an MX host and an address of its own; DNS answers after ${dnsDelayMs} ms, every SMTP reply comes ${roundTripMs} ms late.`,
    ],
    head: [
      '',
      'messages/s',
      'sites/s',
      'CPU ms/message',
      'peak MB',
      'steady MB',
      'connections',
      'first message after s',
    ],
    rows,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { domains: { type: 'string', default: '50000' } } });
  await withKeyFile(async (keyFile) => {
    const section = await measureManySites({ domains: Number(values.domains), keyFile });
    process.stdout.write(`${sectionText(section)}\n`);
  });
}
