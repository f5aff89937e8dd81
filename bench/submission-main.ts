import { readFileSync } from 'node:fs';
import { createRateLimiter } from '../src/access/index.ts';
import type { AccessKey } from '../src/access/index.ts';
import { systemClock } from '../src/base/index.ts';
import { startSubmission } from '../src/submission/index.ts';

// The listener alone, in a process of its own: an outbox that says yes at once.
const [keyFile = '', certFile = ''] = process.argv.slice(2);
const tls = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
const key: AccessKey = {
  id: 'k-bench',
  name: 'bench',
  scopes: ['messages:send'],
  domains: null,
  sandbox: false,
  requestsPerMinute: null,
  createdMs: 0,
  revokedMs: null,
};
const place = { listen: { host: '127.0.0.1', port: 0 }, tls, configKey: 'bench' };
const listener = await startSubmission(
  {
    outbox: {
      accept: async ({ id }) => ({ kind: 'accepted', id, messages: [], repeated: false }),
    },
    gate: { check: () => key },
    limiter: createRateLimiter(systemClock),
    clock: systemClock,
    rules: {
      hostname: 'bench.example',
      hideClient: false,
      lifetimeMs: 1,
      sendingDomain: (domain) => domain,
      newId: () => 'm-0000000000-00000',
    },
    limits: {
      messageBytes: 35_000_000,
      recipients: 100,
      connections: 1_000,
      connectionsPerClient: 1_000,
      mailsPerMinute: null,
      memoryBytes: 256_000_000,
      idleMs: 60_000,
      dataMs: 60_000,
      sessionMs: 600_000,
    },
    clearLoopback: true,
    onNews: () => {},
    onTrouble: (error) => console.error(error),
  },
  [
    { kind: 'starttls', ...place },
    { kind: 'implicit', ...place },
  ],
);
process.on('message', (question) => {
  const { user, system } = process.cpuUsage();
  if (question === 'cpu')
    process.send?.({ cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage().rss });
});
process.on('disconnect', () => void listener.stop(0).finally(() => process.exit()));
process.send?.({ ports: listener.places.map(({ port }) => port) });
