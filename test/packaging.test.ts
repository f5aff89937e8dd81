import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMetrics, metricDescriptions } from '../src/metrics/index.ts';
import { requirePeer } from './support/peer.ts';
import { root } from './support/source-tree.ts';

const unitFile = join(root, 'packaging/todoku.service');

test.skipIf(!requirePeer('systemd-analyze'))('systemd takes the unit, and finds it well shut in', () => {
  const verified = spawnSync('systemd-analyze', ['verify', unitFile], { encoding: 'utf8' });
  expect({ status: verified.status, stderr: verified.stderr }).toEqual({ status: 0, stderr: '' });
  // 0 is shut in wholly, 10 not at all; above 2.5 somebody has left out what was there.
  const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=25', unitFile], {
    encoding: 'utf8',
  });
  expect({ status: judged.status, stderr: judged.stderr }).toEqual({ status: 0, stderr: '' });
});

test('the unit gives the drain more time than it takes, and lets a wrong configuration rest', () => {
  const unit = readFileSync(unitFile, 'utf8');
  // 10 s for attempts (serve.ts), twice: doors, then what tells how we are.
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThanOrEqual(25);
  expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
  expect(unit).toMatch(/^ExecStart=.* serve --config \S+ --data \S+$/m);
});

// https://docs.docker.com/reference/dockerfile/
const instructions =
  /^(FROM|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|STOPSIGNAL|HEALTHCHECK|SHELL) \S/;

test('the container file is made of known instructions, as an ordinary user, with what the build has', () => {
  const text = readFileSync(join(root, 'packaging/Containerfile'), 'utf8');
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  for (const line of lines) expect(line).toMatch(instructions);
  expect(lines[0]).toMatch(/^FROM \S+ AS build$/);
  const stages = lines.flatMap((line) => /^FROM \S+ AS (\w+)$/.exec(line)?.[1] ?? []);
  for (const line of lines) {
    const from = /^COPY --from=(\w+)/.exec(line)?.[1];
    if (from !== undefined) expect(stages).toContain(from);
    // The exec form: a shell between would keep SIGTERM to itself.
    if (/^(CMD|ENTRYPOINT) /.test(line))
      expect(Array.isArray(JSON.parse(line.replace(/^\S+ /, '')))).toBe(true);
  }
  expect(lines.find((line) => line.startsWith('USER'))).toBe('USER todoku');
  expect(lines).toContain('STOPSIGNAL SIGTERM');
  const major = /node:(\d+)-/.exec(lines[0] ?? '')?.[1];
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  expect(engines.node).toBe(`>=${major}`);
  expect(existsSync(join(root, '.dockerignore'))).toBe(true);
});

test('every number that is exported is documented, and nothing else is', () => {
  const page = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
  const written = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
  const exported = createMetrics({ ofProcess: true })
    .described()
    .map(({ name }) => name);
  expect(new Set(written)).toEqual(new Set(exported));
  expect(written).toHaveLength(exported.length);
  // What the guide says to watch is there to be watched.
  const guide = readFileSync(join(root, 'docs/operation.md'), 'utf8');
  const named = [...guide.matchAll(/\b(todoku_\w+)/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(5);
  for (const name of named) expect(Object.keys(metricDescriptions)).toContain(name);
});
