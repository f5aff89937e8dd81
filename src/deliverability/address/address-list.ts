import type { Finding, Severity } from '../../findings/index.ts';
import type { AddressCheck } from './check-address.ts';

/** An address of a list; `written`: as it stands there. */
export type ListedAddress = { readonly line: number; readonly written: string };

/** What a list is like. */
export type AddressTally = {
  readonly addresses: number;
  /** Addresses by the worst that was found of each. */
  readonly summary: { readonly [Each in Severity]: number };
  /** Addresses by finding; one address may have several. */
  readonly counts: Readonly<Record<string, number>>;
  /** The worst first, at most 1,000; those in order are left out. */
  readonly findings: readonly Finding[];
  /** The first three of each finding. */
  readonly examples: readonly Finding[];
};

export type AddressListCheck = {
  /** Resolves when there is room for more; not when the address is judged. */
  take(address: ListedAddress): Promise<void>;
  /** Waits for all of them. */
  end(): Promise<AddressTally>;
};

// One silent name server must not hold up a list: so many addresses may wait for the domains before them (some 200 octets each).
const mostWaiting = 50_000;
// What somebody can look through; the file that can be written has them all.
const mostKept = 1_000;

// Enough to see what kind of slips they are.
const mostExamples = 3;

const severities = ['problem', 'warning', 'info', 'ok'] as const satisfies readonly Severity[];

/** Judges a list as it is read, each domain once; `onFaulty`: an address with what was found of it, as it becomes known. */
export function createAddressListCheck(
  check: AddressCheck,
  onFaulty: (address: ListedAddress, findings: readonly Finding[]) => void,
): AddressListCheck {
  const summary: Record<Severity, number> = { ok: 0, info: 0, warning: 0, problem: 0 };
  const counts: Record<string, number> = {};
  const kept = new Map<Severity, Finding[]>();
  const examples = new Map<string, Finding[]>();
  let addresses = 0;
  let waiting = 0;
  let failure: { readonly error: unknown } | null = null;
  let change = Promise.withResolvers<void>();

  const judge = async (address: ListedAddress): Promise<void> => {
    const findings = await check(address.written);
    addresses += 1;
    const worst = severities.find((severity) => findings.some((each) => each.severity === severity)) ?? 'ok';
    summary[worst] += 1;
    for (const finding of findings) {
      counts[finding.id] = (counts[finding.id] ?? 0) + 1;
      if (finding.severity === 'ok') continue;
      keepFirst(kept, finding.severity, { finding, most: mostKept });
      keepFirst(examples, finding.id, { finding, most: mostExamples });
    }
    if (worst !== 'ok') onFaulty(address, findings);
  };

  /** What fails is told by the next `take` or `end`. */
  const start = (address: ListedAddress): void => {
    waiting += 1;
    const done = (): void => {
      waiting -= 1;
      change.resolve();
    };
    judge(address)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(done);
  };

  const fewerThan = async (limit: number): Promise<void> => {
    while (waiting >= limit) {
      change = Promise.withResolvers<void>();
      await change.promise;
    }
    if (failure !== null) throw failure.error;
  };

  return {
    async take(address) {
      start(address);
      await fewerThan(mostWaiting);
    },
    async end() {
      await fewerThan(1);
      const findings = severities.flatMap((severity) => kept.get(severity) ?? []).slice(0, mostKept);
      return { addresses, summary, counts, findings, examples: [...examples.values()].flat() };
    },
  };
}

function keepFirst<Key>(
  kept: Map<Key, Finding[]>,
  key: Key,
  { finding, most }: { readonly finding: Finding; readonly most: number },
): void {
  const same = kept.get(key) ?? [];
  if (same.length < most) same.push(finding);
  kept.set(key, same);
}
