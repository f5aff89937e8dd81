import { readFileSync, readdirSync } from 'node:fs';

// sysconf(_SC_CLK_TCK): the unit of utime in /proc/PID/stat, 100 on every Linux that Node runs on.
const ticksPerSecond = 100;

type ProcessTimes = { readonly parent: number; readonly ticks: number };

/** CPU seconds of a process, of all its living descendants, and of those that they have waited for. */
export function treeCpuSeconds(pid: number): number {
  const all = new Map(readdirSync('/proc').filter(isPid).flatMap(times));
  const within = (candidate: number): boolean => {
    for (let at: number | undefined = candidate; at !== undefined && at > 1; at = all.get(at)?.parent) {
      if (at === pid) return true;
    }
    return false;
  };
  const ticks = [...all]
    .filter(([candidate]) => within(candidate))
    .reduce((sum, [, each]) => sum + each.ticks, 0);
  return ticks / ticksPerSecond;
}

function isPid(name: string): boolean {
  return /^\d+$/.test(name);
}

/** proc(5): fields 4 (ppid) and 14–17 (utime, stime, cutime, cstime), counted behind the name in brackets. */
function times(name: string): [number, ProcessTimes][] {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${name}/stat`, 'utf8');
  } catch (error) {
    // A process may end between the listing and the look.
    if (error instanceof Error) return [];
    throw error;
  }
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
  return [[Number(name), { parent, ticks }]];
}
