import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startArrivalSink } from './arrivals.ts';
import { makeAuthority } from './authority.ts';
import { senderDomain } from './campaign-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { runTodoku, startTodoku } from './todoku-run.ts';
import type { TodokuRun } from './todoku-run.ts';

/** `todoku serve` with all its doors, and a receiver for everything that it sends. */
export type Served = {
  readonly folder: string;
  readonly run: TodokuRun;
  readonly url: string;
  readonly submissionPort: number;
  /** PEM of the authority whose certificate submission shows, for `localhost`. */
  readonly authorityFile: string;
  /** Envelope and content of what arrived. */
  readonly received: readonly { readonly to: readonly string[]; readonly content: string }[];
  /** A new key, by `todoku key create` with these words. */
  key(...words: readonly string[]): Promise<string>;
};

export async function startServed(more: Readonly<Record<string, unknown>> = {}): Promise<Served> {
  const folder = temporaryFolder();
  const received: { to: readonly string[]; content: string }[] = [];
  const { sink } = await startArrivalSink(({ recipients, content }) => {
    received.push({ to: recipients, content: content?.toString() ?? '' });
  });
  const authority = makeAuthority();
  const { key, cert } = authority.issue({ hosts: ['localhost'] });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const config = {
    delivery: {
      hostname: 'mail.test',
      routes: [{ domain: '*', host: '127.0.0.1', port: sink.port }],
    },
    domains: [{ name: senderDomain }],
    http: { listen: '127.0.0.1:0' },
    inbound: {
      submission: {
        listen: '127.0.0.1:0',
        tls: { certificate: file('cert.pem', cert), key: file('key.pem', key) },
      },
    },
    ...more,
  };
  // JSON is YAML.
  file('todoku.yaml', JSON.stringify(config));
  const run = startTodoku(folder, ['serve', '--json']);
  const { doors } = JSON.parse(await run.printed(/"started"/)) as {
    readonly doors: readonly {
      readonly name: string;
      readonly places: readonly { readonly port: number }[];
    }[];
  };
  const portOf = (name: string): number => doors.find((door) => door.name === name)?.places[0]?.port ?? 0;
  return {
    folder,
    run,
    url: `http://127.0.0.1:${portOf('http')}`,
    submissionPort: portOf('submission'),
    authorityFile: file('authority.pem', authority.certificate),
    received,
    async key(...words) {
      const end = await runTodoku(folder, ['key', 'create', ...words, '--json']);
      if (end.code !== 0) throw new Error(end.stderr);
      return (JSON.parse(end.stdout) as { readonly token: string }).token;
    },
  };
}
