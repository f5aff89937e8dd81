import { describe, expect, test } from 'vitest';
import { systemClock } from '../base/index.ts';
import type { DnsAnswer, ServiceResolver, SrvRecord } from '../net/dns/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import { findServices } from './find-services.ts';
import { openTcp } from './line-dialog.ts';
import { loadMailboxFacts } from './mailbox-facts.ts';
import type { MailboxTools } from './mailbox-tools.ts';

const facing = { ttlSeconds: 60, authenticated: false };
const nowhere = { kind: 'nxdomain', ...facing } as const;
const facts = loadMailboxFacts(defaultKnowledgeFolder());

type Names = {
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly a?: readonly string[];
  readonly mx?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
};

function toolsOf({ srv = {}, a = [], mx = [], files = {} }: Names): MailboxTools {
  const none = (): Promise<DnsAnswer<never>> => Promise.resolve(nowhere);
  const resolver: ServiceResolver = {
    mx: () => {
      const records = mx.map((exchange) => ({ preference: 0, exchange }));
      return Promise.resolve(mx.length === 0 ? nowhere : { kind: 'found', records, ...facing });
    },
    aaaa: none,
    txt: none,
    tlsa: none,
    ptr: none,
    cname: none,
    a: (name) =>
      Promise.resolve(a.includes(name) ? { kind: 'found', records: ['192.0.2.7'], ...facing } : nowhere),
    srv: (name) => {
      const records = srv[name];
      return Promise.resolve(records === undefined ? nowhere : { kind: 'found', records, ...facing });
    },
    close: () => undefined,
  };
  const limits = { connectMs: 1, tlsMs: 1, replyMs: 1 };
  return {
    finding: () => {
      throw new Error('nothing is found here');
    },
    facts,
    resolver,
    clock: systemClock,
    random: () => 0,
    dialog: { clock: systemClock, limits, open: openTcp, authorities: null },
    fetchText: (url) => Promise.resolve(files[url] ?? null),
    anchors: [],
    hostname: 'check.test',
    progress: () => undefined,
  };
}

const shown = async (domain: string, names: Names = {}): Promise<readonly string[]> =>
  (await findServices(domain, toolsOf(names))).services.map(
    ({ protocol, host, port, tls, origin }) => `${protocol} ${host}:${port} ${tls} ${origin}`,
  );

const at = (target: string, port: number, priority = 0, weight = 0): SrvRecord => ({
  target,
  port,
  priority,
  weight,
});

describe('where the servers of a domain are', () => {
  test('a provider that is known, with the form of its user names', async () => {
    expect(await shown('docomo.ne.jp')).toEqual([
      'imap imap.spmode.ne.jp:993 implicit provider',
      'smtp smtp.spmode.ne.jp:465 implicit provider',
    ]);
    const found = await findServices('yahoo.co.jp', toolsOf({}));
    expect(found).toMatchObject({ user: 'local-part', provider: 'yahoo-japan' });
  });

  test('SRV records: TLS from the start first, lowest priority, highest weight, "." for none', async () => {
    const srv = {
      '_imaps._tcp.firm.test': [
        at('b.firm.test', 993, 10),
        at('a.firm.test', 993, 5, 1),
        at('c.firm.test', 993, 5, 9),
      ],
      '_imap._tcp.firm.test': [at('old.firm.test', 143)],
      '_pop3s._tcp.firm.test': [at('.', 0)],
      '_submission._tcp.firm.test': [at('out.firm.test', 587)],
    };
    expect(await shown('firm.test', { srv })).toEqual([
      'imap c.firm.test:993 implicit srv',
      'smtp out.firm.test:587 starttls srv',
    ]);
  });

  const file = (body: string): string =>
    `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="x">${body}</emailProvider></clientConfig>`;
  const server = (kind: string, type: string, host: string, more: string): string =>
    `<${kind} type="${type}"><hostname>${host}</hostname>${more}<username>%EMAILLOCALPART%</username></${kind}>`;

  test('the file of the domain, the better server of each kind', async () => {
    const xml = file(
      server('incomingServer', 'imap', 'in.%EMAILDOMAIN%', '<port>993</port><socketType>SSL</socketType>') +
        server(
          'incomingServer',
          'imap',
          'worse.firm.test',
          '<port>143</port><socketType>plain</socketType>',
        ) +
        server(
          'outgoingServer',
          'smtp',
          'out.firm.test',
          '<port>587</port><socketType>STARTTLS</socketType>',
        ),
    );
    const names = { files: { 'https://firm.test/.well-known/autoconfig/mail/config-v1.1.xml': xml } };
    expect(await shown('firm.test', names)).toEqual([
      'imap in.firm.test:993 implicit autoconfig',
      'smtp out.firm.test:587 starttls autoconfig',
    ]);
    expect((await findServices('firm.test', toolsOf(names))).user).toBe('local-part');
  });

  test.each([
    '<html><body>not found</body></html>',
    '<clientConfig><<<',
    file(server('incomingServer', 'imap', 'in.firm.test', '<port>99999</port>')),
    file(server('incomingServer', 'imap', 'a b;c', '<port>993</port>')),
    '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><clientConfig>&c;</clientConfig>',
    '',
  ])('a file that is none: %s', async (xml) => {
    expect(
      await shown('firm.test', { files: { 'https://autoconfig.firm.test/mail/config-v1.1.xml': xml } }),
    ).toEqual([]);
  });

  test('a company whose mail is at Microsoft or Google, by its MX hosts', async () => {
    const found = await findServices('firm.test', toolsOf({ mx: ['firm-test.mail.protection.outlook.com'] }));
    expect(found).toMatchObject({ provider: 'microsoft365', password: 'ended' });
    expect(await shown('firm.test', { mx: ['aspmx.l.google.com'] })).toContain(
      'imap imap.gmail.com:993 implicit provider',
    );
    expect(await shown('firm.test', { mx: ['aspmx.notgoogle.com'] })).toEqual([]);
    expect(await shown('[192.0.2.1]', { mx: ['aspmx.l.google.com'] })).toEqual([]);
  });

  test('the usual names, when nothing is published', async () => {
    expect(await shown('firm.test', { a: ['mail.firm.test', 'smtp.firm.test'] })).toEqual([
      'imap mail.firm.test:993 implicit guess',
      'pop mail.firm.test:995 implicit guess',
      'smtp smtp.firm.test:465 implicit guess',
    ]);
    expect(await shown('firm.test')).toEqual([]);
  });
});

test('no domain stands twice in the data', () => {
  const domains = facts.services.flatMap((service) => service.domains);
  expect(domains.filter((domain, index) => domains.indexOf(domain) !== index)).toEqual([]);
});
