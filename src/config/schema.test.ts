import { describe, expect, it } from 'vitest';
import { configReference } from './reference.ts';
import { keys, otherVariables } from './schema.ts';

describe('the schema', () => {
  it('names each key once, in the file and in the environment', () => {
    const names = keys.map((key) => key.name);
    const variables = [...keys.map((key) => key.variable), ...otherVariables];
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(variables).size).toBe(variables.length);
  });

  it('has the keys that stay fixed', () => {
    const names = keys.map((key) => key.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'dns.servers',
        'delivery.routes',
        'delivery.hostname',
        'sources',
        'domains',
        'storage.url',
        'cluster.nats',
        'http.listen',
        'inbound.listen',
        'inbound.submission.listen',
      ]),
    );
  });

  it('makes environment names out of keys', () => {
    const variable = (name: string): string | undefined => keys.find((key) => key.name === name)?.variable;
    expect(variable('delivery.connectionsPerPath')).toBe('TODOKU_DELIVERY_CONNECTIONS_PER_PATH');
    expect(variable('delivery.expiry')).toBe('TODOKU_DELIVERY_EXPIRY');
    expect(variable('compose.limits.messageSize')).toBe('TODOKU_COMPOSE_LIMITS_MESSAGE_SIZE');
  });

  it('says in both languages what each key is for', () => {
    for (const { description } of keys) {
      expect(description.doc.en).toMatch(/^[A-Z].*\.$/s);
      expect(description.doc.ja).toMatch(/[ぁ-ん].*。$/s);
    }
  });

  it('has every key and variable in the reference', () => {
    const reference = configReference();
    for (const key of keys) {
      expect(reference).toContain(`| \`${key.name}\` |`);
      expect(reference).toContain(`\`${key.variable}\``);
    }
  });
});
