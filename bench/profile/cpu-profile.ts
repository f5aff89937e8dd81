import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readAnswer } from '../answer.ts';

/** What V8 writes with `--cpu-prof`; times are microseconds. */
const shape = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** A function within its callers. */
export type Frame = {
  readonly name: string;
  readonly place: string;
  /** Milliseconds in the function itself. */
  readonly selfMs: number;
  /** With everything it calls. */
  readonly totalMs: number;
  readonly children: readonly Frame[];
};

export type ThreadProfile = {
  readonly thread: string;
  /** Time the thread had something to do, or waited for the disk or for a processor while it did. */
  readonly busyMs: number;
  readonly idleMs: number;
  readonly root: Frame;
};

/** Reads one thread's profile. `root` shortens the places of functions that are below it. */
export function readThreadProfile(file: string, thread: string, root: string): ThreadProfile {
  const profile = readAnswer(readFileSync(file, 'utf8'), shape);
  const selfMs = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    selfMs.set(id, (selfMs.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1000);
  }
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const frame = (id: number): Frame => {
    const node = byId.get(id);
    if (node === undefined) throw new Error(`${file}: no node ${id}`);
    const { functionName, url, lineNumber } = node.callFrame;
    const children = (node.children ?? []).map(frame);
    const own = selfMs.get(id) ?? 0;
    return {
      name: functionName === '' ? '(anonymous)' : functionName,
      place: placeOf(url, lineNumber + 1, root),
      selfMs: own,
      totalMs: own + children.reduce((sum, child) => sum + child.totalMs, 0),
      children,
    };
  };
  const [first] = profile.nodes;
  if (first === undefined) throw new Error(`${file}: an empty profile`);
  const whole = frame(first.id);
  const idle = whole.children.filter((child) => child.name === '(idle)');
  const idleMs = idle.reduce((sum, child) => sum + child.totalMs, 0);
  const busy = whole.children.filter((child) => child.name !== '(idle)');
  const busyMs = whole.totalMs - idleMs;
  return { thread, busyMs, idleMs, root: { ...whole, name: thread, totalMs: busyMs, children: busy } };
}

function placeOf(url: string, lineNumber: number, root: string): string {
  if (url === '') return '';
  const path = url.replace('file://', '').replace(root, '');
  const short = path.replace(/^.*\/node_modules\//, '');
  return `${short}:${lineNumber}`;
}

export type SelfTime = { readonly name: string; readonly place: string; readonly ms: number };

/** Functions by the time spent in themselves, longest first, wherever they are called from. */
export function selfTimes(root: Frame): readonly SelfTime[] {
  const all = new Map<string, SelfTime>();
  const walk = (frame: Frame): void => {
    const key = `${frame.name} ${frame.place}`;
    const { name, place } = frame;
    all.set(key, { name, place, ms: (all.get(key)?.ms ?? 0) + frame.selfMs });
    for (const child of frame.children) walk(child);
  };
  walk(root);
  return [...all.values()].toSorted((a, b) => b.ms - a.ms);
}
