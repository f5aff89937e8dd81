import { isIP } from 'node:net';
import { summaryOf } from '../../findings/index.ts';
import type { Finding } from '../../findings/index.ts';
import {
  addressCheck,
  blocklistCheck,
  checkAnswer,
  domainCheck,
  domainCheckAnswer,
  messageCheck,
  messageCheckAnswer,
} from '../contract/check.ts';
import { domainNameIn } from '../domain-name.ts';
import { answer } from '../endpoint.ts';
import type { Answer, Api } from '../endpoint.ts';
import { fieldProblem, problem } from '../problem.ts';
import type { Problem } from '../problem.ts';

type Checked = { readonly subject: string; readonly findings: readonly Finding[] };

/** What the endpoints ask of the doctor; the same as the commands of `todoku check`. */
export type CheckDesk = {
  domain(question: {
    readonly domain: string;
    readonly ips: readonly string[];
    readonly selectors: readonly string[];
  }): Promise<Checked & { readonly rules: readonly unknown[] }>;
  addresses(addresses: readonly string[]): Promise<Checked>;
  blocklists(subjects: readonly string[]): Promise<Checked>;
  message(bytes: Buffer, bulk: boolean): Promise<Checked & { readonly score: unknown }>;
};

// Each asks the DNS a hundred questions and may wait for a server for a minute.
const mostAtOnce = 8;

const common = { method: 'post', scope: 'checks', group: 'checks' } as const;

/**
 * `todoku check` for applications. A key that is bound to domains may check what it sends, addresses and its own domains; mailboxes
 * are checked from where they are used, not from here.
 */
export function checkRoutes(api: Api, desk: CheckDesk): void {
  const inTurn = createTurns();
  api.endpoint(
    {
      ...common,
      path: '/v1/checks/domain',
      summary: {
        ja: 'ドメインの DNS と各社の規則を調べる',
        en: 'look over a domain and the rules of providers',
      },
      body: domainCheck,
      answers: { 200: domainCheckAnswer },
    },
    ({ body: { domain, ips = [], selectors = [] } }) => {
      const name = domainNameIn(domain);
      if (name === null) return notADomain('domain');
      return inTurn(() => desk.domain({ domain: name, ips, selectors }));
    },
  );
  api.endpoint(
    {
      ...common,
      path: '/v1/checks/addresses',
      summary: { ja: '宛先アドレスの誤りを調べる', en: 'find slips in addresses' },
      body: addressCheck,
      answers: { 200: checkAnswer },
    },
    ({ body: { addresses } }) => inTurn(() => desk.addresses(addresses)),
  );
  api.endpoint(
    {
      ...common,
      path: '/v1/checks/blocklists',
      summary: { ja: 'ブロックリストへの登録を調べる', en: 'ask block lists about addresses and domains' },
      body: blocklistCheck,
      answers: { 200: checkAnswer },
    },
    ({ body: { subjects } }) => {
      const names = subjects.map((subject) => (isIP(subject) === 0 ? domainNameIn(subject) : subject));
      const wrong = names.indexOf(null);
      if (wrong >= 0) return notADomain(`subjects/${wrong}`);
      return inTurn(() => desk.blocklists(names.filter((name) => name !== null)));
    },
  );
  api.endpoint(
    {
      ...common,
      path: '/v1/checks/message',
      summary: { ja: 'メールを送る前に調べる', en: 'look over a mail before it is sent' },
      body: messageCheck,
      answers: { 200: messageCheckAnswer },
    },
    ({ body: { source, bulk = false } }) => inTurn(() => desk.message(Buffer.from(source, 'base64'), bulk)),
  );
}

/** Runs a few at once; whoever comes when all are busy is told to come again. */
function createTurns(): (work: () => Promise<Checked>) => Promise<Answer | Problem> {
  let running = 0;
  return async (work) => {
    if (running >= mostAtOnce) return problem('too-many-checks', { headers: { 'retry-after': '10' } });
    running++;
    try {
      const found = await work();
      return answer(200, { ...found, summary: summaryOf(found.findings) });
    } finally {
      running--;
    }
  };
}

function notADomain(field: string): Problem {
  return fieldProblem(field, { ja: 'ドメイン名ではありません', en: 'is not a domain name' });
}
