import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { metricDescriptions } from './descriptions.ts';
import type { CounterName, GaugeName, HistogramName, Labels } from './descriptions.ts';

/** What happens in this process, as numbers. Labels are of closed sets: nothing that strangers send becomes one. */
export interface Metrics {
  count<Name extends CounterName>(name: Name, labels: Labels<Name>, by?: number): void;
  /** Seconds. */
  observe<Name extends HistogramName>(name: Name, labels: Labels<Name>, seconds: number): void;
  /** `read` is asked each time the numbers are; NaN: unknown now. */
  gauge(name: GaugeName, read: () => number): void;
  /** Everything exported, the process's own included. */
  described(): readonly ExportedMetric[];
  /** In the text form of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

export type ExportedMetric = {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
  readonly help: string;
};

// From a quick yes (group commit: 2–10 ms) to what clients stop waiting for.
const secondsBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `ofProcess`: also memory, CPU time and event loop of this process. */
export function createMetrics({ ofProcess }: { readonly ofProcess: boolean }): Metrics {
  const registry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const reads = new Map<string, () => number>();
  for (const [name, { kind, labels, doc }] of Object.entries(metricDescriptions)) {
    const facts = { name, help: doc.en, labelNames: labels, registers: [registry] };
    if (kind === 'counter') counters.set(name, new Counter(facts));
    else if (kind === 'histogram') histograms.set(name, new Histogram({ ...facts, buckets: secondsBuckets }));
    else {
      const gauge: Gauge = new Gauge({
        ...facts,
        collect: () => gauge.set(reads.get(name)?.() ?? Number.NaN),
      });
    }
  }
  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc({ ...labels }, by),
    observe: (name, labels, seconds) => histograms.get(name)?.observe({ ...labels }, seconds),
    gauge: (name, read) => void reads.set(name, read),
    described: () => registry.getMetricsAsArray().map(exported),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function exported(metric: ReturnType<Registry['getMetricsAsArray']>[number]): ExportedMetric {
  const { name, help } = metric;
  // prom-client keeps both on its objects and leaves them out of its types.
  const labels: unknown = Reflect.get(metric, 'labelNames');
  const kind = metric.constructor.name.toLowerCase();
  return { name, kind, help, labels: Array.isArray(labels) ? labels.map(String) : [] };
}
