import { expect, it } from 'vitest';
import { apiWorld } from '../../test/support/http-api.ts';
import type { Finding } from '../findings/index.ts';
import { checkRoutes } from './index.ts';
import type { CheckDesk } from './index.ts';

const finding: Finding = {
  id: 'domain.mx',
  subject: 'example.jp',
  severity: 'problem',
  party: 'operator',
  certainty: 'proved',
  evidence: 'no MX',
  advice: {
    ja: { title: 't', meaning: 'm', steps: [] },
    en: { title: 't', meaning: 'm', steps: [] },
  },
};

type Asked = { readonly asked: unknown[]; readonly desk: CheckDesk; readonly open: () => void };

function desk(): Asked {
  const asked: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const found = (subject: string) => ({ subject, findings: [finding] });
  return {
    asked,
    open: () => gate.resolve(),
    desk: {
      domain: async (question) => {
        asked.push(question);
        await gate.promise;
        return { ...found(question.domain), rules: [] };
      },
      addresses: (addresses) => Promise.resolve(found(String(asked.push(addresses)))),
      blocklists: (subjects) => Promise.resolve(found(String(asked.push(subjects)))),
      message: (bytes, bulk) =>
        Promise.resolve({ ...found(String(asked.push([bytes.toString(), bulk]))), score: {} }),
    },
  };
}

it('asks what it was asked for, and sums up', async () => {
  const { desk: made, asked } = desk();
  const { call } = apiWorld([(api) => checkRoutes(api, made)]);
  const source = Buffer.from('Subject: x\r\n\r\n').toString('base64');
  const answers = await Promise.all([
    call('POST', '/v1/checks/addresses', { body: { addresses: ['a@b.jp'] } }),
    call('POST', '/v1/checks/blocklists', { body: { subjects: ['192.0.2.1', '例え.jp'] } }),
    call('POST', '/v1/checks/message', { body: { source, bulk: true } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers[0]?.body).toMatchObject({ summary: { problem: 1, ok: 0 }, findings: [{ id: 'domain.mx' }] });
  expect(asked).toEqual([['a@b.jp'], ['192.0.2.1', 'xn--r8jz45g.jp'], ['Subject: x\r\n\r\n', true]]);
});

it.each([
  ['domain', { domain: 'no domain' }, '#/domain'],
  ['blocklists', { subjects: ['192.0.2.1', 'a@b'] }, '#/subjects/1'],
  ['message', { source: '%%%' }, '#/source'],
  ['addresses', { addresses: [] }, '#/addresses'],
])('refuses what %s cannot be asked', async (what, body, pointer) => {
  const { desk: made, asked } = desk();
  const { call } = apiWorld([(api) => checkRoutes(api, made)]);
  const answer = await call('POST', `/v1/checks/${what}`, { body });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ errors: [{ pointer }] });
  expect(asked).toEqual([]);
});

it('runs a few at once, and asks others to come again', async () => {
  const { desk: made, open } = desk();
  const { call } = apiWorld([(api) => checkRoutes(api, made)]);
  const ask = (): ReturnType<typeof call> =>
    call('POST', '/v1/checks/domain', { body: { domain: 'example.jp' } });
  const running = Array.from({ length: 8 }, ask);
  const ninth = await ask();
  expect(ninth.status).toBe(429);
  open();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual(
    Array.from({ length: 8 }, () => 200),
  );
  expect((await ask()).status).toBe(200);
});
