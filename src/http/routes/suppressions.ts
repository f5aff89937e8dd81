import type { Clock } from '../../base/index.ts';
import { normaliseAddress } from '../../contacts/index.ts';
import type { Suppression, SuppressionStore } from '../../contacts/index.ts';
import {
  addedAnswer,
  liftAnswer,
  liftQuery,
  newSuppression,
  suppressionPage,
  suppressionQuery,
  suppressionsOf,
} from '../contract/suppression.ts';
import { domainNameIn } from '../domain-name.ts';
import { answer } from '../endpoint.ts';
import type { Api } from '../endpoint.ts';
import { fieldProblem, parameterProblem, problem } from '../problem.ts';
import type { Problem } from '../problem.ts';

export type SuppressionParts = { readonly suppressions: SuppressionStore; readonly clock: Clock };

const common = { scope: 'suppressions', group: 'suppressions' } as const;

/**
 * Addresses that nobody sends to. They are the whole installation's: a key that is bound to domains may ask for one address
 * and add, which errs on the safe side, but neither read the list nor lift.
 */
export function suppressionRoutes(api: Api, parts: SuppressionParts): void {
  everything(api, parts);
  ofAddress(api, parts);
}

function everything(api: Api, { suppressions, clock }: SuppressionParts): void {
  api.endpoint(
    {
      ...common,
      method: 'get',
      path: '/v1/suppressions',
      summary: { ja: '送信停止のアドレスを一覧する', en: 'list the suppressed addresses' },
      query: suppressionQuery,
      answers: { 200: suppressionPage },
    },
    ({ key, query: { limit, cursor = null, reason = null } }) => {
      if (key.domains !== null) return problem('all-domains-needed');
      const page = suppressions.list({ reason, cursor, limit });
      return answer(200, { data: page.items.map(suppressionJson), next: page.next });
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'post',
      path: '/v1/suppressions',
      summary: { ja: '以後このアドレスへ送らない', en: 'never send to this address again' },
      body: newSuppression,
      answers: { 201: addedAnswer },
    },
    ({ key, body }) => {
      const {
        scope = body.list === undefined ? 'address' : 'list',
        list,
        reason = 'manual',
        note = '',
        until,
      } = body;
      if ((scope === 'list') !== (list !== undefined))
        return fieldProblem('list', {
          ja: 'scope が list のときだけ使います',
          en: 'goes with the scope list only',
        });
      if (scope === 'domain' && key.domains !== null) return problem('all-domains-needed');
      const address = scope === 'domain' ? domainNameIn(body.address) : addressIn(body.address);
      if (address === null) return notAnAddress(scope);
      const untilMs = until === undefined ? null : Date.parse(until);
      const facts = { address, scope, list: list ?? null, reason, note, untilMs };
      const { added } = suppressions.add([{ ...facts, source: `http:${key.id}`, atMs: clock.now() }]);
      return answer(201, { address, added: added === 1 });
    },
  );
}

function ofAddress(api: Api, { suppressions, clock }: SuppressionParts): void {
  api.endpoint(
    {
      ...common,
      method: 'get',
      path: '/v1/suppressions/{address}',
      summary: { ja: 'このアドレスへ送らない理由', en: 'what keeps mail from this address' },
      answers: { 200: suppressionsOf },
    },
    ({ param }) => {
      const address = addressIn(param('address')) ?? domainNameIn(param('address'));
      if (address === null)
        return parameterProblem('address', { ja: 'アドレスではありません', en: 'is no address' });
      return answer(200, { address, data: suppressions.find(address).map(suppressionJson) });
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'delete',
      path: '/v1/suppressions/{address}',
      summary: {
        ja: '送信停止を理由を残して解除する',
        en: 'lift the suppression of an address, with a reason',
      },
      query: liftQuery,
      answers: { 200: liftAnswer },
    },
    ({ key, param, query: { because, scope, list } }) => {
      if (key.domains !== null) return problem('all-domains-needed');
      const address = addressIn(param('address')) ?? domainNameIn(param('address'));
      if (address === null)
        return parameterProblem('address', { ja: 'アドレスではありません', en: 'is no address' });
      const reach = { ...(scope === undefined ? {} : { scope }), ...(list === undefined ? {} : { list }) };
      const facts = { address, reason: null, because, source: `http:${key.id}`, atMs: clock.now() };
      const lifted = suppressions.remove(facts, reach);
      return lifted.length === 0 ? problem('not-found') : answer(200, { address, lifted: lifted.length });
    },
  );
}

function addressIn(text: string): string | null {
  const read = normaliseAddress(text);
  return read.ok ? read.text : null;
}

function notAnAddress(scope: Suppression['scope']): Problem {
  return fieldProblem(
    'address',
    scope === 'domain'
      ? { ja: 'ドメイン名ではありません', en: 'is not a domain name' }
      : { ja: 'メールアドレスではありません', en: 'is not an address' },
  );
}

function suppressionJson({ atMs, untilMs, ...facts }: Suppression): unknown {
  const until = untilMs === null ? null : new Date(untilMs).toISOString();
  return { ...facts, at: new Date(atMs).toISOString(), until };
}
