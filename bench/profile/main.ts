// `npm run profile [-- --load 40] [-- --count N] [-- --unsigned]`: where the engine spends its time, thread by thread.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readResume, resumeCommand, routeTo, storeCampaign } from '../campaign.ts';
import { limitMs } from '../contenders/contender.ts';
import { withKeyFile } from '../key-file.ts';
import { loads } from '../load.ts';
import type { Load } from '../load.ts';
import { measure } from '../measure.ts';
import { startSinkProcess } from '../sink-process.ts';
import { readThreadProfile, selfTimes } from './cpu-profile.ts';
import type { ThreadProfile } from './cpu-profile.ts';
import { flameGraphs } from './flame-graph.ts';

const { values } = parseArgs({
  options: {
    load: { type: 'string', default: '2' },
    count: { type: 'string', default: '20000' },
    unsigned: { type: 'boolean', default: false },
  },
});
const root = fileURLToPath(new URL('../../', import.meta.url));
const shownFunctions = 40;

/** `CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile`; thread 0 is the main one. */
function threadOf(file: string): string {
  const number = Number(file.split('.')[4]);
  if (Number.isNaN(number)) throw new Error(`${file}: not the name of a profile`);
  return number === 0 ? 'main thread' : `carrier thread ${number}`;
}

async function profile(load: Load, count: number, keyFile: string | null): Promise<readonly ThreadProfile[]> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-profile-'));
  const sink = await startSinkProcess(count);
  try {
    await storeCampaign({ folder, load, count, keyFile, delivery: routeTo(sink.port) });
    const profiles = join(folder, 'profiles');
    const command = resumeCommand(['--cpu-prof', `--cpu-prof-dir=${profiles}`]);
    const measured = await measure(command, { cwd: folder, limitMs });
    const { delivered, seconds, cpuSeconds } = readResume(measured.stdout);
    if (delivered !== count) throw new Error(`${delivered} of ${count} were delivered`);
    process.stderr.write(`profile: ${count} messages in ${seconds} s, ${cpuSeconds} s of CPU\n`);
    return readdirSync(profiles)
      .map((file) => readThreadProfile(join(profiles, file), threadOf(file), root))
      .toSorted((a, b) => (a.thread < b.thread ? 1 : -1));
  } finally {
    await sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function summary(thread: ThreadProfile): string {
  const { busyMs, idleMs } = thread;
  const lines = selfTimes(thread.root)
    .slice(0, shownFunctions)
    .map(({ name, place, ms }) => {
      const share = `${((100 * ms) / busyMs).toFixed(1)} %`;
      return `${ms.toFixed(0).padStart(8)} ms ${share.padStart(7)}  ${name}  ${place}`;
    });
  return [`${thread.thread}: ${busyMs.toFixed(0)} ms busy, ${idleMs.toFixed(0)} ms idle`, ...lines].join(
    '\n',
  );
}

const load = loads.find((each) => each.name === `${values.load} KB`);
if (load === undefined)
  throw new Error(`--load ${values.load}: ${loads.map((each) => each.name).join(' or ')}`);
const count = Number(values.count);
const title = `todoku ${load.name}${values.unsigned ? ' unsigned' : ''}, ${count} messages`;
const threads = await withKeyFile(
  async (keyFile) => await profile(load, count, values.unsigned ? null : keyFile),
);
const out = join(root, 'profile');
mkdirSync(out, { recursive: true });
const name = `todoku-${values.load}kb${values.unsigned ? '-unsigned' : ''}`;
writeFileSync(join(out, `${name}.html`), flameGraphs(title, threads));
writeFileSync(join(out, `${name}.txt`), `${title}\n\n${threads.map(summary).join('\n\n')}\n`);
process.stdout.write(`${join(out, `${name}.html`)}\n${join(out, `${name}.txt`)}\n`);
