import { expect, test } from 'vitest';
import { oneAddress } from '../../test/support/delivery-world.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Resolver } from '../net/dns/index.ts';
import { defaultTimeouts } from '../net/smtp-client/index.ts';
import type { Dial, DialOptions, SmtpFailure, SmtpSession } from '../net/smtp-client/index.ts';
import { SiteDialer } from './hosts.ts';
import type { DialSettings, Opened } from './hosts.ts';
import { makeSite } from './site.ts';

const local = (cause: 'connect-refused' | 'tls-failed' | 'connect-timeout'): SmtpFailure => ({
  origin: 'local',
  stage: 'connect',
  cause,
  text: cause,
});
const banner: SmtpFailure = {
  origin: 'remote',
  stage: 'banner',
  reply: { code: 421, status: null, lines: ['busy'] },
};

/** A session that nothing is done with here. */
// Only handed on
const session = {} as SmtpSession;

/** A dialer of a site `mx1` … and a record of its dials; `answer` null opens a session. */
function dialer(options: {
  hosts: readonly (readonly [host: string, preference: number])[];
  answer: (dialled: DialOptions) => SmtpFailure | null;
  resolver?: Partial<Resolver>;
}) {
  const clock = new FakeClock();
  const dials: DialOptions[] = [];
  const dial: Dial = (dialled) => {
    dials.push(dialled);
    const failure = options.answer(dialled);
    return Promise.resolve(failure === null ? { ok: true, session } : { ok: false, failure, tls: null });
  };
  const site = makeSite(options.hosts.map(([host, preference]) => ({ host, preference, port: 25 })));
  const settings: DialSettings = {
    localAddress: null,
    hostname: 'client.example',
    tls: { mode: 'opportunistic', context: null },
    timeouts: defaultTimeouts,
    clock,
  };
  const hosts = new SiteDialer({ dial, clock, resolver: { ...oneAddress, ...options.resolver } }, site);
  const open = (change: Partial<DialSettings> = {}, wanted = () => true): Promise<Opened> =>
    hosts.open({ ...settings, ...change }, wanted);
  return { clock, dials, open, names: () => dials.splice(0).map(({ host }) => host) };
}

const addresses =
  (records: readonly string[]): Resolver['a'] =>
  () =>
    Promise.resolve({ kind: 'found', records, ttlSeconds: 60, authenticated: false });

test('the most preferred host first, the next on failure, whoever failed last for 30 s', async () => {
  let broken = 'mx1';
  const { open, names, clock } = dialer({
    hosts: [
      ['mx2', 20],
      ['mx1', 10],
      ['mx3', 30],
    ],
    answer: ({ host }) => (host === broken ? local('connect-refused') : null),
  });
  expect(await open()).toMatchObject({ ok: true, host: 'mx2' });
  expect(names()).toEqual(['mx1', 'mx2']);
  await open();
  expect(names()).toEqual(['mx2']);
  broken = 'none';
  await clock.advance(30_000);
  await open();
  expect(names()).toEqual(['mx1']);
});

test('hosts of equal preference share the sessions (RFC 5321 §5.1)', async () => {
  const { open, names } = dialer({
    hosts: [
      ['a', 10],
      ['b', 10],
      ['c', 20],
    ],
    answer: () => null,
  });
  for (let round = 0; round < 4; round++) await open();
  expect(names()).toEqual(['a', 'b', 'a', 'b']);
});

test('when no host opens, the failure of the last one is told', async () => {
  const { open, names } = dialer({
    hosts: [
      ['mx1', 10],
      ['mx2', 20],
    ],
    answer: ({ host }) => (host === 'mx1' ? local('connect-refused') : banner),
  });
  expect(await open()).toMatchObject({ ok: false, host: 'mx2', failure: banner });
  expect(names()).toEqual(['mx1', 'mx2']);
});

test('a host that is alone is tried at five addresses, one of several at two', async () => {
  const a = addresses(Array.from({ length: 9 }, (_, index) => `192.0.2.${index}`));
  const alone = dialer({ hosts: [['mx1', 10]], answer: () => local('connect-timeout'), resolver: { a } });
  await alone.open();
  expect(alone.names()).toHaveLength(5);
  const several = dialer({
    hosts: Array.from({ length: 12 }, (_, index) => [`mx${index}`, index] as const),
    answer: () => local('connect-timeout'),
    resolver: { a },
  });
  await several.open();
  expect(several.names()).toHaveLength(10);
});

test('what a server says in words holds for its other addresses too', async () => {
  const { open, names } = dialer({
    hosts: [['mx1', 10]],
    answer: () => banner,
    resolver: { a: addresses(['192.0.2.1', '192.0.2.2']) },
  });
  await open();
  expect(names()).toHaveLength(1);
});

test('broken TLS: in the clear, for an hour', async () => {
  const { open, dials, clock } = dialer({
    hosts: [['mx1', 10]],
    answer: ({ tls }) => (tls.mode === 'none' ? null : local('tls-failed')),
  });
  const modes = (): string[] => dials.splice(0).map(({ tls }) => tls.mode);
  expect(await open()).toMatchObject({ ok: true });
  expect(modes()).toEqual(['opportunistic', 'none']);
  await open();
  expect(modes()).toEqual(['none']);
  await clock.advance(3_600_000);
  await open();
  expect(modes()).toEqual(['opportunistic', 'none']);
});

test('broken TLS where TLS is demanded is a failure', async () => {
  const { open, names } = dialer({ hosts: [['mx1', 10]], answer: () => local('tls-failed') });
  const opened = await open({ tls: { mode: 'required', context: null } });
  expect(opened).toMatchObject({ ok: false, failure: { cause: 'tls-failed' } });
  expect(names()).toHaveLength(1);
});

test.each([
  { answer: { kind: 'nxdomain', ttlSeconds: 1, authenticated: false }, cause: 'mx-unresolvable' },
  { answer: { kind: 'failed', cause: 'timeout', server: '192.0.2.53' }, cause: 'dns-servfail' },
] as const)('a host without an address: $answer.kind is $cause', async ({ answer, cause }) => {
  const fail = (): Promise<typeof answer> => Promise.resolve(answer);
  const { open, names } = dialer({
    hosts: [['mx1', 10]],
    answer: () => null,
    resolver: { a: fail, aaaa: fail },
  });
  expect(await open()).toMatchObject({ ok: false, address: null, failure: { stage: 'route', cause } });
  expect(names()).toEqual([]);
});

test('addresses are of the family of the source', async () => {
  const { open, dials } = dialer({
    hosts: [['mx1', 10]],
    answer: () => null,
    resolver: { aaaa: addresses(['2001:db8::1']) },
  });
  await open({ localAddress: '2001:db8::9' });
  await open({ localAddress: '192.0.2.9' });
  expect(dials.map(({ address }) => address)).toEqual(['2001:db8::1', '192.0.2.1']);
});

test('an address and localhost are not looked up', async () => {
  const never = (): never => {
    throw new Error('looked up');
  };
  for (const [host, address] of [
    ['192.0.2.7', '192.0.2.7'],
    ['localhost', '127.0.0.1'],
  ] as const) {
    const { open } = dialer({ hosts: [[host, 0]], answer: () => null, resolver: { a: never, aaaa: never } });
    expect(await open()).toMatchObject({ ok: true, address });
  }
});

test('a session that nobody wants any more is not looked for on the next host', async () => {
  let wanted = true;
  const { open, names } = dialer({
    hosts: [
      ['mx1', 10],
      ['mx2', 20],
    ],
    answer: () => {
      wanted = false;
      return local('connect-refused');
    },
  });
  expect(await open({}, () => wanted)).toMatchObject({ ok: false, host: 'mx1' });
  expect(names()).toEqual(['mx1']);
});
