import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeMail } from '../compose/index.ts';
import type { MailAttachment, MailRequest } from '../compose/index.ts';
import { requestsOf } from './group-requests.ts';
import { planAttachments } from './index.ts';
import type { DomainRules, PlannedGroup, TooLarge } from './index.ts';

const stamp = { id: 'm-01jd3q9k2v-7xw4m', domain: 'example.jp', dateMs: 0 };

function request(sizes: readonly number[], parts: Partial<MailRequest> = {}): MailRequest {
  return {
    from: 'a@example.jp',
    to: ['b@au.com'],
    cc: [],
    replyTo: [],
    subject: 's',
    html: '<p>words</p>',
    text: 'words',
    headers: {},
    attachments: sizes.map((size, index) => file(size, { filename: `f${index}.bin` })),
    unsubscribe: null,
    ...parts,
  };
}

function file(size: number, parts: Partial<MailAttachment> = {}): MailAttachment {
  return {
    filename: 'f.bin',
    contentType: null,
    content: Buffer.alloc(size),
    contentId: null,
    inline: false,
    ...parts,
  };
}

function rules(octets: Readonly<Record<string, number>>, tooLarge: TooLarge = 'link'): DomainRules {
  return {
    limitOf: (domain) => ({ octets: octets[domain] ?? 10_240_000, from: `knowledge: ${domain}` }),
    tooLargeAt: () => tooLarge,
  };
}

function groups(...[asked, recipients, by]: Parameters<typeof planAttachments>): readonly PlannedGroup[] {
  const plan = planAttachments(asked, recipients, by);
  if (plan.kind === 'refused') throw new Error(plan.failure.failure);
  return plan.groups;
}

const au = { domain: 'au.com' };
const gmail = { domain: 'gmail.com' };
const limits = { 'au.com': 3_145_728, 'gmail.com': 52_428_800 };

describe('files of a mail', () => {
  it('go along where they fit', () => {
    expect(groups(request([1_000_000, 500_000]), [au, gmail], rules(limits))).toEqual([
      expect.objectContaining({ recipients: [0], way: 'whole', mails: [[0, 1]], linked: [] }),
      expect.objectContaining({ recipients: [1], way: 'whole', mails: [[0, 1]], linked: [] }),
    ]);
  });

  it('become links for those alone whose provider takes less: the largest first, until the rest fits', () => {
    expect(groups(request([1_000_000, 4_000_000, 500_000]), [gmail, au, gmail], rules(limits))).toMatchObject(
      [
        { recipients: [0, 2], way: 'whole', mails: [[0, 1, 2]], linked: [] },
        { recipients: [1], way: 'links', mails: [[0, 2]], linked: [1], limit: { from: 'knowledge: au.com' } },
      ],
    );
  });

  it('are split over mails in their order where links are forbidden', () => {
    expect(
      groups(request([1_500_000, 1_500_000, 1_000_000, 100]), [au], rules(limits, 'split')),
    ).toMatchObject([{ way: 'split', mails: [[0], [1], [2, 3]], linked: [] }]);
  });

  it.each([
    ['attachments/1', 'split', [100, 3_000_000]],
    ['attachments', 'refuse', [100, 3_000_000]],
    ['attachments', 'link', Array.from({ length: 1_200 }, () => 100_000)],
  ] as const)('are refused at %s with the reason: %s', (field, tooLarge, sizes) => {
    const plan = planAttachments(
      request(sizes),
      [gmail, au],
      rules({ ...limits, 'gmail.com': 500_000_000 }, tooLarge),
    );
    expect(plan).toMatchObject({ kind: 'refused', failure: { field } });
    const text = plan.kind === 'refused' ? plan.failure.text : undefined;
    expect(text?.ja).toMatch(/au\.com.*3\.1 MB/);
    expect(text?.en).toMatch(/3\.1 MB.*au\.com|au\.com.*3\.1 MB/);
  });

  it('that the HTML shows stay with it', () => {
    const shown = file(2_000_000, { contentId: 'a', inline: true });
    const asked = request([], { html: '<img src="cid:a">', attachments: [shown, file(1_000_000)] });
    expect(groups(asked, [au], rules(limits))).toMatchObject([{ way: 'links', mails: [[]], linked: [1] }]);
  });

  it('never make a mail larger than the limit, and none is lost', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 1_000 }));
    const asked = fc.record({
      sizes: fc.array(size, { maxLength: 20 }),
      words: fc.string({ maxLength: 2_000, unit: 'binary' }),
      limit: fc.integer({ min: 10_000, max: 120_000 }),
      tooLarge: fc.constantFrom<TooLarge>('link', 'split'),
    });
    let made = 0;
    fc.assert(
      fc.property(asked, ({ sizes, words, limit, tooLarge }) => {
        const mail = request(sizes, { html: words, text: words });
        const plan = planAttachments(mail, [au], rules({ 'au.com': limit }, tooLarge));
        if (plan.kind === 'refused') return;
        for (const group of plan.groups) {
          const all = [...group.mails.flat(), ...group.linked];
          expect(all.toSorted((a, b) => a - b)).toEqual(sizes.map((_, index) => index));
          for (const number of group.mails.keys()) {
            const links = new Map(
              group.linked.map((index) => [
                index,
                { filename: '請'.repeat(80), octets: 1, url: 'https://x.example/d/abc' },
              ]),
            );
            const linked = { links, expiresMs: 0, hasPassword: true };
            const composed = composeMail(requestsOf(mail, { group, number, linked, first: stamp }), stamp);
            expect('bytes' in composed ? composed.bytes.length : 0).toBeLessThanOrEqual(limit);
            made += 1;
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(made).toBeGreaterThan(200);
  });
});
