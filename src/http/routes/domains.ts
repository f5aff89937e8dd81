import { allowsDomain } from '../../access/index.ts';
import type { AccessKey } from '../../access/index.ts';
import type { Clock } from '../../base/index.ts';
import type { SendingDomain } from '../../config/index.ts';
import { findRecords, isVerified, makeDomain, recordsOf } from '../../domains/index.ts';
import type { DomainStore, RecordFacts, RecordFinding, StoredDomain } from '../../domains/index.ts';
import type { Resolver } from '../../net/dns/index.ts';
import { domain as domainSchema, domainList, newDomain } from '../contract/domain.ts';
import { domainNameIn } from '../domain-name.ts';
import { answer } from '../endpoint.ts';
import type { Answer, Api } from '../endpoint.ts';
import { fieldProblem, problem } from '../problem.ts';
import type { Problem } from '../problem.ts';

export type DomainParts = {
  readonly domains: DomainStore;
  /** Configured and stored, as they are in use. */
  readonly inUse: () => readonly SendingDomain[];
  readonly facts: RecordFacts;
  readonly resolver: Pick<Resolver, 'txt' | 'mx'>;
  readonly dataFolder: string;
  /** Something waits that is to be signed for it. */
  readonly isNeeded: (name: string) => boolean;
  readonly clock: Clock;
};

const group = 'domains';

/** Sending domains: made, published, verified. */
export function domainRoutes(api: Api, parts: DomainParts): void {
  const common = { scope: 'domains', group } as const;
  api.endpoint(
    {
      ...common,
      method: 'get',
      path: '/v1/domains',
      summary: { ja: '差出人ドメインを一覧する', en: 'list the sending domains' },
      answers: { 200: domainList },
    },
    ({ key }) => {
      const seen = parts.inUse().filter(({ name }) => allowsDomain(key, name));
      return answer(200, { data: seen.map((domain) => domainJson(domain, parts)), next: null });
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'post',
      path: '/v1/domains',
      summary: {
        ja: '差出人ドメインを加える（鍵を作り、DNS に登録するレコードを返す）',
        en: 'add a sending domain: makes its keys, answers the records to publish',
      },
      body: newDomain,
      answers: { 201: domainSchema },
    },
    ({ key, body }) => create(parts, key, body),
  );
  api.endpoint(
    {
      ...common,
      method: 'get',
      path: '/v1/domains/{name}',
      summary: { ja: 'ドメインと DNS レコードの状態を見る', en: 'a domain and the state of its records' },
      answers: { 200: domainSchema },
    },
    ({ key, param }) => {
      const found = visible(parts, key, param('name'));
      return found === null ? problem('not-found') : answer(200, domainJson(found, parts));
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'post',
      path: '/v1/domains/{name}/verify',
      summary: { ja: 'DNS を確かめる', en: 'look for the records in the DNS' },
      answers: { 200: domainSchema },
    },
    async ({ key, param }) => {
      const found = visible(parts, key, param('name'));
      return found === null ? problem('not-found') : await verify(parts, found);
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'delete',
      path: '/v1/domains/{name}',
      summary: { ja: 'API で加えたドメインを消す', en: 'remove a domain that was added by the API' },
      answers: { 204: null },
    },
    ({ key, param }) => {
      const found = visible(parts, key, param('name'));
      if (found === null) return problem('not-found');
      if (key.domains !== null) return problem('all-domains-needed');
      if (storedOf(parts, found) === null) return configured();
      // What was accepted to be signed would leave unsigned, and its bounces would find nobody.
      if (parts.isNeeded(found.name)) return needed();
      return parts.domains.remove(found.name) ? answer(204) : problem('not-found');
    },
  );
}

function create(
  parts: DomainParts,
  key: AccessKey,
  body: { readonly name: string; readonly returnPath?: string | undefined },
): Answer | Problem {
  if (key.domains !== null) return problem('all-domains-needed');
  const name = domainNameIn(body.name);
  if (name === null || !name.includes('.')) return notADomain('name');
  const returnPath = domainNameIn(body.returnPath ?? `bounce.${name}`);
  if (returnPath === null || !returnPath.includes('.')) return notADomain('returnPath');
  // Another domain's return path would take its bounces (and its DNS is somebody else's).
  if (returnPath !== name && !returnPath.endsWith(`.${name}`))
    return fieldProblem('returnPath', {
      ja: `${name} かその下にしてください`,
      en: `must be ${name} or below it`,
    });
  const taken = parts.inUse().some((each) => each.name === name || each.returnPath === returnPath);
  if (taken || parts.domains.find(name) !== null)
    return problem('conflict', {
      detail: { ja: `${name} はすでにあります`, en: `${name} is set up already` },
    });
  const made = makeDomain({ name, returnPath, dataFolder: parts.dataFolder, nowMs: parts.clock.now() });
  parts.domains.add(made);
  const found = parts.inUse().find((each) => each.name === name);
  if (found === undefined) throw new Error('a domain that was stored is not in use');
  return answer(201, domainJson(found, parts), { location: `/v1/domains/${name}` });
}

function notADomain(field: string): Problem {
  return fieldProblem(field, { ja: 'ドメイン名ではありません', en: 'is not a domain name' });
}

function configured(): Problem {
  return problem('conflict', {
    detail: { ja: '設定ファイルのドメインです', en: 'it is a domain of the configuration' },
    cure: { ja: '設定ファイルの domains で変えてください', en: 'change “domains” of the configuration' },
  });
}

function needed(): Problem {
  return problem('conflict', {
    detail: {
      ja: 'このドメインのメールがまだ送信待ちです',
      en: 'mail of this domain still waits to be sent',
    },
    cure: { ja: '送り終わるのを待つか、取り消してください', en: 'wait until it is sent, or cancel it' },
  });
}

async function verify(parts: DomainParts, domain: SendingDomain): Promise<Answer> {
  const findings = await findRecords(recordsOf(domain, parts.facts), parts.resolver);
  if (storedOf(parts, domain) !== null)
    parts.domains.checked(domain.name, findings, { atMs: parts.clock.now(), verified: isVerified(findings) });
  return answer(200, domainJson(domain, parts, findings));
}

function visible(parts: DomainParts, key: AccessKey, name: string): SendingDomain | null {
  const found = parts.inUse().find((each) => each.name === name.toLowerCase());
  return found === undefined || !allowsDomain(key, found.name) ? null : found;
}

/** The row of a domain that the API made; null: it is the configuration's, which stands for a row of the same name. */
function storedOf({ domains }: DomainParts, { name, dkim }: SendingDomain): StoredDomain | null {
  const stored = domains.find(name);
  return stored !== null && stored.dkim.every(({ key }, at) => dkim[at]?.key === key) ? stored : null;
}

function domainJson(domain: SendingDomain, parts: DomainParts, looked?: readonly RecordFinding[]): unknown {
  const stored = storedOf(parts, domain);
  const findings = looked ?? stored?.findings ?? [];
  const at = (ms: number | null | undefined): string | null =>
    typeof ms === 'number' ? new Date(ms).toISOString() : null;
  return {
    name: domain.name,
    returnPath: domain.returnPath,
    origin: stored === null ? 'configuration' : 'api',
    verified:
      stored === null ? looked === undefined || isVerified(looked) !== false : stored.verifiedMs !== null,
    verifiedAt: at(stored?.verifiedMs),
    checkedAt: at(stored?.checkedMs),
    records: recordsOf(domain, parts.facts).map((record) => {
      const finding = findings.find(({ name, type }) => name === record.name && type === record.type);
      return { ...record, state: finding?.state ?? 'unchecked', found: finding?.found ?? [] };
    }),
  };
}
