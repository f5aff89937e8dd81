import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'simulator/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    pool: 'forks',
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    // Scenario tests start servers and processes; on a loaded two-core machine 5 s is too close.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
