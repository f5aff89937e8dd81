import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('counters add up, histograms count, gauges are asked when somebody looks', async () => {
  const metrics = createMetrics({ ofProcess: false });
  metrics.count('todoku_messages_settled_total', { state: 'delivered' }, 3);
  metrics.count('todoku_messages_settled_total', { state: 'delivered' });
  metrics.observe('todoku_http_request_seconds', { method: 'POST' }, 0.004);
  let waiting = 1;
  metrics.gauge('todoku_messages_waiting', () => waiting);
  waiting = 7;
  const text = await metrics.text();
  expect(text).toContain('todoku_messages_settled_total{state="delivered"} 4\n');
  expect(text).toContain('todoku_http_request_seconds_bucket{le="0.005",method="POST"} 1\n');
  expect(text).toContain('todoku_messages_waiting 7\n');
  // Nobody says how full the disk is: unknown, not 0.
  expect(text).toContain('todoku_disk_free_bytes Nan\n');
  expect(metrics.contentType).toContain('text/plain');
});

test('what is exported is told of with kind and labels', () => {
  const described = createMetrics({ ofProcess: true }).described();
  expect(described).toContainEqual({
    name: 'todoku_messages_settled_total',
    kind: 'counter',
    labels: ['state'],
    help: 'Messages that reached a final state: delivered, bounced, expired.',
  });
  expect(described.map(({ name }) => name)).toContain('process_resident_memory_bytes');
  expect(described.filter(({ help }) => help === '')).toEqual([]);
});
