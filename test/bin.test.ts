import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'bin/todoku.js');

// Debian's and other systems' own Node; its absence is said, not passed over.
const systemNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path));
const systemMajor = await majorOf(systemNode);
const isOld = systemMajor !== null && systemMajor < 24;

type Ended = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

async function run(
  node: string,
  argv: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ended> {
  const child = spawn(node, argv, { env: { PATH: process.env['PATH'] ?? '', LANG: 'C', ...environment } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

async function majorOf(node: string | undefined): Promise<number | null> {
  return node === undefined
    ? null
    : Number.parseInt((await run(node, ['-p', 'process.versions.node'])).stdout, 10);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'todoku-bin-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('bin/todoku.js', () => {
  it('runs the sources of a checkout and passes the exit code on', async () => {
    const version = await run(process.execPath, [bin, '--version']);
    expect(version.stderr).toBe('');
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(version.code).toBe(0);
    const mistake = await run(process.execPath, [bin, 'config', 'shwo']);
    expect(mistake).toMatchObject({
      code: 2,
      stderr: 'todoku: unknown command shwo — did you mean todoku config show?\n',
    });
  });

  it('ends quietly when the reader of its output has gone', async () => {
    const script = '{ "$0" "$1" config show; echo "code $?" >&2; } | head -n 1';
    const piped = await run('sh', ['-c', script, process.execPath, bin]);
    expect(piped.stderr).toBe('code 0\n');
    expect(piped.stdout).toMatch(/^key /);
  });

  it.skipIf(!isOld)(`hands over from an old Node (the system has ${systemMajor ?? 'none'})`, async () => {
    const shown = await run(systemNode ?? '', [bin, 'config', 'show', '--json'], {
      TODOKU_DNS_TIMEOUT: '3s',
    });
    expect(shown.stderr).toBe('');
    expect(JSON.parse(shown.stdout)).toMatchObject({ values: { 'dns.timeout': { value: '3s' } } });
    expect((await run(systemNode ?? '', [bin, 'shwo'])).code).toBe(2);
  });

  it.skipIf(!isOld)(
    'says in one line what is missing when there is no newer Node to hand over to',
    async () => {
      mkdirSync(join(folder, 'lonely/bin'), { recursive: true });
      cpSync(bin, join(folder, 'lonely/bin/todoku.js'));
      writeFileSync(join(folder, 'lonely/package.json'), '{"type":"module"}');
      const lonely = join(folder, 'lonely/bin/todoku.js');
      const english = await run(systemNode ?? '', [lonely]);
      expect(english.code).toBe(2);
      expect(english.stderr).toMatch(/^todoku: needs Node\.js 24 or newer, this is v\d+\.\S+ — .+\n$/);
      const japanese = await run(systemNode ?? '', [lonely], { LANG: 'ja_JP.UTF-8' });
      expect(japanese.stderr).toMatch(/^todoku: Node\.js 24 以上が必要です.+\n$/);
    },
  );

  // A program that says when it is ready and which signals reach it stands in for the sources.
  it.skipIf(!isOld)('passes signals on, and takes its child with it when it is killed', async () => {
    const place = join(folder, 'wrapped');
    mkdirSync(join(place, 'bin'), { recursive: true });
    mkdirSync(join(place, 'src/app'), { recursive: true });
    cpSync(bin, join(place, 'bin/todoku.js'));
    writeFileSync(join(place, 'package.json'), '{"type":"module"}');
    symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
    writeFileSync(
      join(place, 'src/app/main.ts'),
      `import { createServer } from 'node:net';
       process.on('SIGTERM', () => { console.log('stopping'); process.exit(7); });
       createServer().listen(0, '127.0.0.1', () => console.log('ready'));`,
    );
    const start = async (): Promise<ReturnType<typeof spawn>> => {
      const child = spawn(systemNode ?? '', [join(place, 'bin/todoku.js')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      return child;
    };

    const stopped = await start();
    stopped.kill('SIGTERM');
    await once(stopped, 'close');
    expect(stopped.exitCode).toBe(7);

    const killed = await start();
    killed.kill('SIGKILL');
    // The pipe closes only when the inner process, which holds it too, is gone.
    await once(killed, 'close');
    expect(killed.signalCode).toBe('SIGKILL');
  });
});
