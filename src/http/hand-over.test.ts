import { describe, expect, it } from 'vitest';
import type { Accepted, AcceptFailure, NewMail } from '../outbox/index.ts';
import { handOver } from './hand-over.ts';
import type { MadeMails } from './mail-request.ts';

type Answer = readonly Accepted[] | AcceptFailure | Error;

function outboxThat(answer: Answer) {
  const all = async (): Promise<readonly Accepted[] | AcceptFailure> => {
    await Promise.resolve();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    acceptAll: all,
    async accept(): Promise<Accepted | AcceptFailure> {
      const answers = await all();
      return 'kind' in answers ? answers : answers[0]!;
    },
  };
}

function accepted(id: string, repeated = false): Accepted {
  return { kind: 'accepted', id, messages: [], repeated };
}

function request(ids: readonly string[], discarded: string[]): MadeMails {
  return {
    mails: ids.map((id) => ({ id }) as NewMail),
    async discard() {
      await Promise.resolve();
      discarded.push(ids[0] ?? '');
    },
  };
}

describe('what is handed over', () => {
  it('is answered request by request, with the names of further mails', async () => {
    const discarded: string[] = [];
    const made = [request(['a'], discarded), request(['b', 'c', 'd'], discarded), request(['e'], discarded)];
    const answers = ['a', 'b', 'c', 'd', 'e'].map((id) => accepted(id));
    expect(await handOver(outboxThat(answers), made)).toEqual([
      { first: accepted('a'), parts: [] },
      { first: accepted('b'), parts: ['c', 'd'] },
      { first: accepted('e'), parts: [] },
    ]);
    expect(discarded).toEqual([]);
  });

  it('gives its links back when an earlier request has been accepted', async () => {
    const discarded: string[] = [];
    const made = [request(['a'], discarded), request(['b'], discarded)];
    await handOver(outboxThat([accepted('x', true), accepted('b')]), made);
    expect(discarded).toEqual(['a']);
  });

  it('gives all links back when nothing is accepted', async () => {
    const discarded: string[] = [];
    const made = [request(['a'], discarded), request(['b'], discarded)];
    expect(await handOver(outboxThat({ kind: 'disk-full' }), made)).toEqual({ kind: 'disk-full' });
    expect(discarded).toEqual(['a', 'b']);
  });

  it.each([1, 2])('gives all links back when the outbox fails, for %i requests', async (count) => {
    const discarded: string[] = [];
    const made = ['a', 'b'].slice(0, count).map((id) => request([id], discarded));
    await expect(handOver(outboxThat(new Error('EIO')), made)).rejects.toThrow('EIO');
    expect(discarded).toHaveLength(count);
  });
});
