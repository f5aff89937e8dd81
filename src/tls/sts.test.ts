import fc from 'fast-check';
// @ts-expect-error -- it has no types
import * as mailauth from 'mailauth/lib/mta-sts';
import { describe, expect, it } from 'vitest';
import { readStsPolicy, stsLines, stsNamesHost } from './sts-policy.ts';
import { readStsId } from './sts-record.ts';

// What is used of it.
const other = mailauth as {
  parsePolicy(text: string, options: { strict: true }): { mode: string; maxAge: number; mx?: string[] };
  validateMx(host: string, policy: { mode: string; mx: readonly string[] }): { valid: boolean };
};

describe('the record', () => {
  it.each([
    [['v=STSv1; id=20160831085700Z;'], '20160831085700Z'],
    [['v=STSv1;id=a'], 'a'],
    [['v=STSv1; id=a; ext=b;'], 'a'],
    [['v=STSv1; id=a; id=b;'], 'a'],
    [['v=spf1 -all', 'v=STSv1; id=a'], 'a'],
    // Two of them, or one that does not keep to its grammar, are none.
    [['v=STSv1; id=a', 'v=STSv1; id=b'], null],
    [['v=STSv1'], null],
    [['v=STSv1;'], null],
    [['v=STSv2; id=a'], null],
    [['v=STSv1; id=a b'], null],
    [[`v=STSv1; id=${'a'.repeat(33)}`], null],
    [['id=a; v=STSv1;'], null],
    [[], null],
  ])('%j announces %j', (records, id) => {
    expect(readStsId(records)).toBe(id);
  });
});

const text = (...lines: readonly string[]): string => lines.join('\n');

describe('the policy', () => {
  it('is read, whatever its line ends, order and extensions', () => {
    const policy = { mode: 'enforce', maxAgeSeconds: 604_800, mx: ['mail.example.com', '*.example.net'] };
    const lines = [
      'version: STSv1',
      'mode: enforce',
      'mx: Mail.example.com',
      'mx:*.example.net',
      'max_age: 604800',
    ];
    expect(readStsPolicy(text(...lines))).toEqual({ ok: true, policy });
    expect(readStsPolicy(`${lines.toReversed().join('\r\n')}\r\n`)).toMatchObject({ ok: true });
    expect(readStsPolicy(text('x-new: 1', 'noise', ...lines, 'mode: none'))).toMatchObject({
      ok: true,
      policy,
    });
    expect(
      stsLines(
        readStsPolicy(text(...lines)).ok ? { ...policy, mode: 'enforce' } : { ...policy, mode: 'none' },
      ),
    ).toEqual([
      'version: STSv1',
      'mode: enforce',
      'mx: mail.example.com',
      'mx: *.example.net',
      'max_age: 604800',
    ]);
  });

  it.each([
    ['no version', text('mode: enforce', 'mx: a.test', 'max_age: 1')],
    ['an unknown mode', text('version: STSv1', 'mode: strict', 'mx: a.test', 'max_age: 1')],
    ['no host', text('version: STSv1', 'mode: enforce', 'max_age: 1')],
    ['more than a year', text('version: STSv1', 'mode: enforce', 'mx: a.test', 'max_age: 31557601')],
    ['a wildcard within', text('version: STSv1', 'mode: enforce', 'mx: a.*.test', 'max_age: 1')],
    ['a page in HTML', '<!doctype html><title>404</title>'],
    ['nothing', ''],
  ])('with %s is none', (_name, policy) => {
    expect(readStsPolicy(policy)).toMatchObject({ ok: false });
  });

  it('needs no host with mode none', () => {
    expect(readStsPolicy(text('version: STSv1', 'mode: none', 'max_age: 1'))).toMatchObject({ ok: true });
  });

  const line = fc.oneof(
    fc.constantFrom(
      'version: STSv1',
      'mode: enforce',
      'mode: testing',
      'max_age: 86400',
      'mx: a.test',
      'mx: *.b.test',
    ),
    fc.string({ maxLength: 30 }),
  );
  it('is read as mailauth reads it', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const ours = readStsPolicy(text(...lines));
        try {
          const theirs = other.parsePolicy(text(...lines), { strict: true });
          const { mode, maxAge: maxAgeSeconds, mx = [] } = theirs;
          expect(ours).toEqual({ ok: true, policy: { mode, maxAgeSeconds, mx } });
        } catch (error) {
          if (!(error instanceof Error) || !('code' in error)) throw error;
          expect(ours.ok).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a host', () => {
  it.each([
    ['mail.example.com', true],
    ['MAIL.example.com.', true],
    ['a.example.net', true],
    ['a.b.example.net', false],
    ['example.net', false],
    ['other.example.com', false],
    ['xexample.net', false],
  ])('%s: %s', (host, named) => {
    const mx = ['mail.example.com', '*.example.net'];
    expect(stsNamesHost({ mx }, host)).toBe(named);
    expect(other.validateMx(host, { mode: 'enforce', mx }).valid).toBe(named);
  });
});
