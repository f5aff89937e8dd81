import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInProcess } from '../../test/support/cli-run.ts';
import { AppError } from '../base/index.ts';
import type { Command, CommandContext } from './command.ts';
import type { CommandInput } from './command-input.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'todoku-cli-'));
  file = join(folder, 'todoku.yaml');
  writeFileSync(file, 'delivery:\n  hostname: mail.example.jp\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const send: Omit<Command, 'run'> = {
  name: 'send',
  summary: { ja: '送る', en: 'send' },
  arguments: [{ name: 'file', doc: { ja: 'ファイル', en: 'file' }, variadic: true }],
  options: [
    { flags: '--from <address>', doc: { ja: '差出人', en: 'sender' }, required: true },
    { flags: '--no-wait', doc: { ja: '待たない', en: 'do not wait' } },
    { flags: '--tag <word>', doc: { ja: '札', en: 'tag' }, repeatable: true },
    { flags: '--colour <word>', doc: { ja: '色', en: 'colour' }, choices: ['red', 'green'] },
    { flags: '--seed <n>', doc: { ja: '種', en: 'seed' } },
  ],
};

/** A command line whose only command does what the test says. */
async function runWith(
  argv: readonly string[],
  run: (context: CommandContext, input: CommandInput) => Promise<number>,
): Promise<Awaited<ReturnType<typeof runInProcess>>> {
  return await runInProcess(argv, { commands: [{ ...send, run }], groups: [] });
}

describe('a command', () => {
  it('shows words of strangers without what would steer the terminal', async () => {
    const result = await runWith(['send', 'a', '--from', 'x@y.test'], async ({ output }) => {
      output.print('550 \u001b]0;title\u0007no\u009b2J\r\n\t\u202Eevil\u2069 いない👩‍👦');
      output.note('\u001b[31mred');
      output.printJson({ said: '\u001b' });
      return 0;
    });
    expect(result.stdout).toBe('550  ]0;title no 2J \n\t evil  いない👩‍👦\n{"said":"\\u001b"}\n');
    expect(result.stderr).toBe(' [31mred\n');
  });

  it('gets its arguments and options by the names in its description', async () => {
    const result = await runWith(
      ['send', 'a', '--no-wait', '--from', 'x@y.test', '--tag', 'one', '--tag=two', '--seed', '7', 'b'],
      async (context, input) => {
        context.output.printJson({
          first: input.argument(0),
          rest: input.argumentsFrom(1),
          from: input.required('from'),
          noWait: input.flag('no-wait'),
          tags: input.options('tag'),
          colour: input.option('colour') ?? null,
          seed: input.integer('seed'),
        });
        return 1;
      },
    );
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual({
      first: 'a',
      rest: ['b'],
      from: 'x@y.test',
      noWait: true,
      tags: ['one', 'two'],
      colour: null,
      seed: 7,
    });
    expect(result.exitCode).toBe(1);
  });

  it('finds the global options before and after its name', async () => {
    for (const argv of [
      ['--config', file, '--data', 'd', '--lang', 'ja', '--json', 'send', 'a', '--from', 'b'],
      ['send', 'a', '--from', 'b', '--config', file, '--data', 'd', '--lang=ja', '--json'],
    ]) {
      const result = await runWith(argv, async (context) => {
        const { language, json, dataDirectory } = context;
        context.output.printJson([language, json, dataDirectory, context.loadConfig().delivery.hostname]);
        return 0;
      });
      expect(JSON.parse(result.stdout)).toEqual(['ja', true, resolve('d'), 'mail.example.jp']);
    }
  });

  it('stops with one line for an AppError, in the chosen language, and nothing on standard output', async () => {
    const run = async (): Promise<number> => {
      throw new AppError({
        code: 'nope',
        message: { ja: '駄目\nです', en: 'no\nway' },
        hint: { ja: '直す', en: 'mend it' },
        exitCode: 1,
      });
    };
    const english = await runWith(['send', 'a', '--from', 'b', '--json'], run);
    expect(english).toEqual({ exitCode: 1, stdout: '', stderr: 'todoku: no way — mend it\n' });
    const japanese = await runWith(['send', 'a', '--from', 'b', '--lang', 'ja'], run);
    expect(japanese.stderr).toBe('todoku: 駄目 です — 直す\n');
  });

  it('that has a bug ends with 70 and one line; TODOKU_DEBUG adds the stack', async () => {
    const commands: readonly Command[] = [
      {
        ...send,
        run: async () => {
          throw new TypeError('x is not a function');
        },
      },
    ];
    const argv = ['send', 'a', '--from', 'b'];
    const brief = await runInProcess(argv, { commands });
    expect(brief.exitCode).toBe(70);
    expect(brief.stderr).toBe(
      'todoku: a fault in Todoku: TypeError: x is not a function — run it with TODOKU_DEBUG=1 and report what it shows\n',
    );
    const long = await runInProcess(argv, { commands, environment: { TODOKU_DEBUG: '1' } });
    expect(long.stderr).toContain('program.test.ts');
  });

  it('that the system refuses something ends with 2 and one line', async () => {
    const refused = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const result = await runWith(['send', 'a', '--from', 'b'], async () => {
      throw refused;
    });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toBe('todoku: no room left on the disk (ENOSPC) — make room on the disk\n');
  });

  it('has the product closed whatever happens', async () => {
    const seen: string[] = [];
    const commands: readonly Command[] = [
      {
        ...send,
        run: async (context) =>
          await context.withProduct(async () => {
            seen.push('used');
            throw new AppError({ code: 'nope', message: { ja: '駄目', en: 'no' } });
          }),
      },
    ];
    const result = await runInProcess(['send', 'a', '--from', 'b', '--config', file, '--data', 'd'], {
      commands,
      openProduct: async (setting) => {
        seen.push(`opened ${setting.config.delivery.hostname} ${setting.dataDirectory === resolve('d')}`);
        return { close: async () => void seen.push('closed') } as never; // commands add to Product what they ask; this one asks nothing
      },
    });
    expect(seen).toEqual(['opened mail.example.jp true', 'used', 'closed']);
    expect(result.exitCode).toBe(2);
  });
});

describe('mistakes on the command line', () => {
  const idle = async (): Promise<number> => 0;

  it.each([
    [['sent'], 'unknown command sent — did you mean todoku send?'],
    [['banana'], 'unknown command banana — see todoku --help'],
    [['send', 'a', '--form', 'x'], 'unknown option --form — did you mean --from?'],
    [['send', 'a', '--zzzzzz=1'], 'unknown option --zzzzzz — see todoku send --help'],
    [['--jsn', 'send', 'a'], 'unknown option --jsn — did you mean --json?'],
    [['send', '--from', 'x'], '<file> is missing — see todoku send --help'],
    [['send', 'a'], '--from <address> is missing — see todoku send --help'],
    [['send', 'a', '--from'], '--from <address> needs a value — see todoku send --help'],
    [['send', 'a', '--from', 'x', '--colour', 'grene'], '--colour does not take grene — did you mean green?'],
    [['--lang', 'fr', 'send'], '--lang does not take fr — it takes ja, en'],
  ])('%j', async (argv, line) => {
    expect(await runWith(argv, idle)).toEqual({ exitCode: 2, stdout: '', stderr: `todoku: ${line}\n` });
  });

  it('are explained in Japanese too', async () => {
    const result = await runWith(['send', 'a', '--form', 'x', '--lang', 'ja'], idle);
    expect(result.stderr).toBe('todoku: --form というオプションはありません — --from のことですか\n');
  });

  it('include numbers that are none, and arguments that nobody asked for', async () => {
    const result = await runWith(
      ['send', 'a', '--from', 'x', '--seed', 'six'],
      async (_, input) => input.integer('seed') ?? 0,
    );
    expect(result.stderr).toBe('todoku: --seed must be a whole number, not “six”\n');
    const extra = await runInProcess(['config', 'check', 'surplus']);
    expect(extra.stderr).toBe('todoku: one argument too many: surplus — see todoku config check --help\n');
  });
});

describe('help and version', () => {
  it('come on standard output in the chosen language', async () => {
    expect(await runInProcess(['--version'])).toEqual({ exitCode: 0, stdout: '1.2.3\n', stderr: '' });
    const english = await runInProcess(['config', 'show', '--help']);
    expect(english.exitCode).toBe(0);
    expect(english.stdout).toContain('Usage: todoku config show');
    expect(english.stdout).toContain('Examples:');
    const japanese = await runInProcess(['help'], { environment: { LANG: 'ja_JP.UTF-8' } });
    expect(japanese.exitCode).toBe(0);
    expect(japanese.stdout).toContain('使い方: todoku');
    expect(japanese.stdout).toContain('共通オプション:'.slice(2));
  });

  it('without a command come on standard error, as a mistake', async () => {
    for (const argv of [[], ['config']]) {
      const result = await runInProcess(argv);
      expect(result.exitCode).toBe(2);
      expect(result.stdout).toBe('');
      expect(result.stderr).toContain('Usage: todoku');
    }
  });
});

describe('standard output', () => {
  const failing = (code: string): Writable =>
    new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error(`${code}: write`), { code, syscall: 'write' }));
      },
    });

  it('whose reader has gone (| head) ends quietly', async () => {
    const stderr = new PassThrough();
    const result = await runInProcess(['config', 'show'], { stdout: failing('EPIPE'), stderr });
    expect(result.exitCode).toBe(0);
    expect(stderr.read()).toBeNull();
  });

  it('that cannot be written is an error', async () => {
    const stderr = new PassThrough();
    const result = await runInProcess(['config', 'show'], { stdout: failing('ENOSPC'), stderr });
    expect(result.exitCode).toBe(2);
    expect(String(stderr.read())).toMatch(/^todoku: no room left on the disk \(ENOSPC\)/);
  });
});

describe('config show and config check', () => {
  it('show each value and its origin', async () => {
    const result = await runInProcess(['config', 'show', '--config', file, '--json'], {
      environment: { TODOKU_DNS_TIMEOUT: '3s' },
    });
    const shown: unknown = JSON.parse(result.stdout);
    expect(shown).toMatchObject({
      file,
      values: {
        'delivery.hostname': { value: 'mail.example.jp', origin: `${file}:2` },
        'dns.timeout': { value: '3s', origin: 'env:TODOKU_DNS_TIMEOUT' },
        'delivery.expiry': { value: '5d', origin: 'default' },
      },
    });
    const table = await runInProcess(['config', 'show', '--config', file, '--lang', 'ja']);
    expect(table.stdout).toMatch(/^設定 +出どころ +値\n/);
    expect(table.stdout).toContain('mail.example.jp');
  });

  it('check says what is wrong as JSON as well', async () => {
    writeFileSync(join(folder, 'bad.yaml'), 'dns:\n  attempt: 3\n');
    const bad = await runInProcess(['config', 'check', '--config', join(folder, 'bad.yaml'), '--json']);
    expect(bad.exitCode).toBe(2);
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, errors: [{ code: 'config-unknown-key' }] });
    const good = await runInProcess(['config', 'check', '--config', file]);
    expect(good.exitCode).toBe(0);
    expect(good.stdout).toBe(`the configuration is sound (${file}; 1 keys set; 0 warnings)\n`);
  });
});
