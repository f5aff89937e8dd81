import { expect, test } from 'vitest';
import { loadConfig } from '../config/index.ts';
import { defaultSuppressionPolicy } from '../contacts/index.ts';

test('without a configuration the policy is the one that contacts gives reasons for', () => {
  const source = {
    file: './no-such-todoku.yaml',
    explicit: false,
    environment: {},
    hostname: 'host.example',
  };
  expect(loadConfig(source).suppression).toEqual(defaultSuppressionPolicy);
});
