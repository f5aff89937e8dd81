import { expect, test } from 'vitest';
import { createFindings, loadFindingTexts } from '../../findings/index.ts';
import { defaultKnowledgeFolder } from '../../knowledge/index.ts';
import { createAddressListCheck } from './address-list.ts';
import type { ListedAddress } from './address-list.ts';
import type { AddressCheck } from './check-address.ts';

const finding = createFindings(loadFindingTexts(defaultKnowledgeFolder()));

/** Each address says what is found of it. */
const check: AddressCheck = (text) =>
  Promise.resolve(
    text
      .split(' ')
      .map((id) =>
        finding(`address.${id}`, { subject: text, evidence: '', values: { meant: 'x', why: 'y' } }),
      ),
  );

async function judge(
  addresses: readonly string[],
  onFaulty: (address: ListedAddress) => void = () => undefined,
) {
  const list = createAddressListCheck(check, onFaulty);
  for (const [line, written] of addresses.entries()) await list.take({ line, written });
  return await list.end();
}

test('an address counts by the worst that is found of it, and once for each finding', async () => {
  const tally = await judge(['good', 'role', 'role mistyped-domain dead-domain', 'full-width role', 'good']);
  expect(tally.addresses).toBe(5);
  expect(tally.summary).toEqual({ ok: 2, info: 1, warning: 1, problem: 1 });
  expect(tally.counts).toEqual({
    'address.good': 2,
    'address.role': 3,
    'address.mistyped-domain': 1,
    'address.dead-domain': 1,
    'address.full-width': 1,
  });
  expect(tally.findings.map(({ severity }) => severity)).toEqual([
    'problem',
    'problem',
    'warning',
    'info',
    'info',
    'info',
  ]);
});

test('keeps the worst thousand and three examples of each, whatever comes first', async () => {
  const many = Array.from({ length: 5_000 }, () => 'role');
  const tally = await judge([...many, ...many.map(() => 'dead-domain'), 'full-width']);
  expect(tally.findings).toHaveLength(1_000);
  expect(new Set(tally.findings.map(({ id }) => id))).toEqual(new Set(['address.dead-domain']));
  expect(tally.counts['address.role']).toBe(5_000);
  expect(tally.examples.map(({ id }) => id)).toEqual([
    ...Array.from({ length: 3 }, () => 'address.role'),
    ...Array.from({ length: 3 }, () => 'address.dead-domain'),
    'address.full-width',
  ]);
});

test('what fails while it is written down ends the list', async () => {
  const full = (): never => {
    throw new Error('the disk is full');
  };
  await expect(judge(['good', 'dead-domain', 'good'], full)).rejects.toThrow('the disk is full');
  await expect(judge(['good', 'good'], full)).resolves.toMatchObject({ addresses: 2 });
});
