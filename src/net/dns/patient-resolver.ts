import type { DnsAnswer, Resolver } from './contract.ts';
import { Turnstile } from './turnstile.ts';

type Failed = Extract<DnsAnswer<never>, { kind: 'failed' }>;

/**
 * A resolver that gives up for good when so many questions in a row found no server that answers: thousands of names would each
 * wait their time for nothing. As many are asked at once. What fails otherwise (SERVFAIL of one zone) is an answer and does not count.
 */
export function givingUp(resolver: Resolver, mostFailures: number): Resolver {
  const turnstile = new Turnstile(mostFailures);
  let inARow = 0;
  let last: Failed | null = null;
  const bound =
    <T>(ask: (name: string) => Promise<DnsAnswer<T>>) =>
    (name: string): Promise<DnsAnswer<T>> =>
      turnstile.pass(async () => {
        if (last !== null && inARow >= mostFailures) return last;
        const answer = await ask(name);
        const isNobody =
          answer.kind === 'failed' && (answer.cause === 'timeout' || answer.cause === 'unreachable');
        inARow = isNobody ? inARow + 1 : 0;
        if (isNobody) last = answer;
        return answer;
      });
  return {
    ...resolver,
    mx: bound((name) => resolver.mx(name)),
    a: bound((name) => resolver.a(name)),
    aaaa: bound((name) => resolver.aaaa(name)),
  };
}
