export { metricDescriptions } from './descriptions.ts';
export type { CounterName, GaugeName, HistogramName, Labels, MetricDescription } from './descriptions.ts';
export { createMetrics } from './metrics.ts';
export type { ExportedMetric, Metrics } from './metrics.ts';
