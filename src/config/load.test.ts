import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../base/index.ts';
import { originText } from './config.ts';
import { loadConfig, readConfig } from './load.ts';
import type { ConfigReading } from './load.ts';
import { keys } from './schema.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'todoku-config-'));
  file = join(folder, 'todoku.yaml');
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string, environment: Record<string, string> = {}): ConfigReading {
  writeFileSync(file, text);
  return readConfig({ file, explicit: true, environment, hostname: 'Host.Example' });
}

function errorsOf(reading: ConfigReading): string[] {
  return reading.ok ? [] : reading.errors.map((error) => error.line('en').replace(folder, ''));
}

describe('defaults', () => {
  const source = {
    file: './no-such-todoku.yaml',
    explicit: false,
    environment: {},
    hostname: 'Host.Example',
  };

  it('hold when there is no file and nobody asked for one', () => {
    const config = loadConfig(source);
    expect(config.delivery.hostname).toBe('host.example');
    expect(config.http.publicUrl).toBe('https://host.example');
    expect(config.dns).toEqual({ servers: [], timeoutMs: 2000, attempts: 3, trustAd: false });
    // RFC 5321 §4.5.3.2
    expect(config.delivery.timeouts).toEqual({
      connectMs: 30_000,
      bannerMs: 300_000,
      commandMs: 300_000,
      dataMs: 120_000,
      blockMs: 180_000,
      eomMs: 600_000,
    });
    expect(config.delivery.retry).toEqual({ firstMs: 15_000, longestMs: 14_400_000, unknownMax: 3 });
    expect(config.delivery.expiryMs).toBe(432_000_000);
    expect(config.compose.limits.messageSizeBytes).toBe(25_000_000);
  });

  it('each come from "default" and can be written back and read again to the same value', () => {
    const reading = readConfig(source);
    if (!reading.ok) throw reading.errors[0] ?? new Error('no error');
    expect(reading.file).toBeNull();
    expect(reading.values.map((value) => value.key)).toEqual(keys.map((key) => key.name));
    for (const value of reading.values) expect(originText(value.origin)).toBe('default');
    const environment: Record<string, string> = {};
    for (const { key, value } of reading.values) {
      const variable = keys.find((candidate) => candidate.name === key)?.variable ?? '';
      if (value !== null) environment[variable] = typeof value === 'string' ? value : JSON.stringify(value);
    }
    expect(loadConfig({ ...source, environment })).toEqual(reading.config);
  });

  it('cannot be changed by anybody', () => {
    const config = loadConfig(source);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.delivery.timeouts)).toBe(true);
    expect(Object.isFrozen(config.domains)).toBe(true);
  });
});

describe('a file', () => {
  it('sets values, each with its line', () => {
    const reading = read(
      [
        '# a remark',
        'dns:',
        '  servers: ["127.0.0.1:5353", "[::1]:53"]',
        'delivery:',
        '  routes:',
        '    - domain: "*.Example.JP"',
        '      host: "[::1]"',
        '      port: 2525',
        '  expiry: 36h',
        'sources:',
        '  - { ip: 192.0.2.1, hostname: out.example.jp }',
        'domains:',
        '  - name: メール.example.jp',
        '    unsubscribeUrl: https://example.jp/u/',
        'storage:',
        '  url: sqlite:state',
      ].join('\n'),
    );
    if (!reading.ok) throw reading.errors[0] ?? new Error('no error');
    const { config } = reading;
    expect(config.dns.servers).toEqual([
      { host: '127.0.0.1', port: 5353 },
      { host: '::1', port: 53 },
    ]);
    expect(config.delivery.routes).toEqual([{ domain: '*.example.jp', host: '::1', port: 2525 }]);
    expect(config.delivery.expiryMs).toBe(36 * 3_600_000);
    expect(config.sources).toEqual([
      { ip: '192.0.2.1', hostname: 'out.example.jp', pool: 'default', warmup: null },
    ]);
    expect(config.domains).toEqual([
      {
        name: 'xn--4dkua4c.example.jp',
        returnPath: 'xn--4dkua4c.example.jp',
        dkim: [],
        unsubscribeUrl: 'https://example.jp/u',
        sandbox: false,
      },
    ]);
    expect(config.storage.url).toBe(`sqlite:${join(folder, 'state')}`);
    const origins = new Map(reading.values.map((value) => [value.key, originText(value.origin)]));
    expect(origins.get('dns.servers')).toBe(`${file}:3`);
    expect(origins.get('delivery.routes')).toBe(`${file}:5`);
    expect(origins.get('delivery.expiry')).toBe(`${file}:9`);
    expect(origins.get('dns.timeout')).toBe('default');
  });

  it('may be empty, or hold sections whose keys are all commented out', () => {
    expect(errorsOf(read(''))).toEqual([]);
    expect(errorsOf(read('\uFEFF# only a remark\n'))).toEqual([]);
    expect(errorsOf(read('delivery:\n  # hostname: x\ndns:\n'))).toEqual([]);
  });

  it('shows every mistake, in the order of the lines', () => {
    const errors = errorsOf(
      read('log:\n  level: loud\ndelivery:\n  prot: 25\n  hostname:\ndns:\n  attempts: 0\n'),
    );
    expect(errors).toEqual([
      '/todoku.yaml:2: log.level must be one of error, warn, info, debug, not “loud”',
      '/todoku.yaml:4: unknown key delivery.prot — did you mean delivery.port?',
      '/todoku.yaml:5: delivery.hostname has no value — write one, or remove the line',
      '/todoku.yaml:7: dns.attempts must be a whole number from 1 to 20, not “0”',
    ]);
  });

  it('that belongs to another program draws a hundred complaints, not all', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `key${index}: 1`).join('\n');
    expect(errorsOf(read(text))).toHaveLength(100);
  });

  it('never shows a password', () => {
    const [error] = errorsOf(read(`storage:\n  url: mysql://user:${'s'.repeat(100)}@db/x\n`));
    expect(error).toContain('mysql://user:***@db/x');
    expect(error).not.toContain('sss');
  });

  it('warns of routes that are never used, and a bare host name', () => {
    const text =
      'http:\n  listen: 127.0.0.1:8080\ndelivery:\n  hostname: mailer\n  routes:\n    - { domain: "*", host: h.test }\n    - { domain: a.test, host: h.test }\n';
    const reading = read(text);
    const warnings = reading.ok ? reading.warnings.map((warning) => warning.en.replace(folder, '')) : [];
    expect(warnings).toEqual([
      expect.stringContaining('delivery.hostname mailer is not a full domain name'),
      '/todoku.yaml:7: the route for a.test is never used, as an earlier one matches first',
    ]);
  });
});

describe('the environment', () => {
  it('wins over the file and is named as the origin', () => {
    const reading = read('delivery:\n  connectionsPerPath: 7\n', {
      TODOKU_DELIVERY_CONNECTIONS_PER_PATH: '9',
      TODOKU_DELIVERY_ROUTES: '[{domain: "*", host: 127.0.0.1, port: 2525}]',
      TODOKU_DELIVERY_HOSTNAME: 'Mail.test',
      TODOKU_LOG_LEVEL: '',
      TODOKU_DEBUG: '1',
      PATH: '/bin',
    });
    if (!reading.ok) throw reading.errors[0] ?? new Error('no error');
    expect(reading.config.delivery.connectionsPerPath).toBe(9);
    expect(reading.config.delivery.routes).toEqual([{ domain: '*', host: '127.0.0.1', port: 2525 }]);
    expect(reading.config.delivery.hostname).toBe('mail.test');
    expect(reading.config.log.level).toBe('info');
    const origin = reading.values.find((value) => value.key === 'delivery.connectionsPerPath')?.origin;
    expect(origin).toEqual({ kind: 'environment', name: 'TODOKU_DELIVERY_CONNECTIONS_PER_PATH' });
  });

  it('is as strict as the file', () => {
    const errors = errorsOf(
      read('', {
        TODOKU_DELIVERY_HOSTNAM: 'x',
        TODOKU_DELIVERY_TLS: 'alway',
        TODOKU_DNS_SERVERS: '127.0.0.1',
        TODOKU_DNS_TIMEOUT: '2',
      }),
    );
    expect(errors).toEqual([
      'environment variable TODOKU_DELIVERY_HOSTNAM sets no known key — did you mean TODOKU_DELIVERY_HOSTNAME?',
      'TODOKU_DNS_SERVERS: dns.servers must be a list, not “127.0.0.1” — write it as a list: ["127.0.0.1"]',
      'TODOKU_DNS_TIMEOUT: dns.timeout must be a duration from 10ms to 1m such as 30s, 5m, 4h or 5d, not “2” — add its unit: 2s, 2m, 2h, 2d',
      'TODOKU_DELIVERY_TLS: delivery.tls must be one of none, opportunistic, required, not “alway”',
    ]);
  });
});

describe('files that are none', () => {
  const load = (path: string, explicit = true): string => {
    try {
      loadConfig({ file: path, explicit, environment: {}, hostname: 'h.test' });
      return 'loaded';
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
  };
  const put = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('are refused with a line each', () => {
    mkdirSync(join(folder, 'sub'));
    expect(load(join(folder, 'nothing.yaml'))).toBe('config-file-missing');
    expect(load(join(folder, 'nothing.yaml'), false)).toBe('loaded');
    expect(load(join(folder, 'sub'))).toBe('config-file-not-a-file');
    expect(load('/dev/zero')).toBe('config-file-not-a-file');
    expect(load(put('file', ''))).toBe('loaded');
    expect(load(join(folder, 'file', 'below'))).toBe('config-file-missing');
    expect(load(put('big.yaml', '#'.repeat(1_000_001)))).toBe('config-file-too-big');
    expect(load(put('binary.yaml', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1])))).toBe(
      'config-file-not-text',
    );
    expect(load(put('sjis.yaml', Buffer.from([0x93, 0xcd, 0x82, 0xad])))).toBe('config-file-not-text');
    expect(load(put('utf16.yaml', Buffer.from('\uFEFFdns:', 'utf16le')))).toBe('config-file-not-text');
    expect(load('x'.repeat(5000))).toBe('config-file-unreadable'); // ENAMETOOLONG: root may read everything else
  });
});
