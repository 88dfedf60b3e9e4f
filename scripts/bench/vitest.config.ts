import { defineConfig } from 'vitest/config';

process.env.PANSEA_TEST_SERVERS ??= 'none';

/** `npm run bench:window`: measures, asserts nothing; made of the same parts as the window's tests. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    globalSetup: ['tests/support/global-setup.ts'],
    include: ['scripts/bench/*.bench.ts'],
    maxWorkers: 1,
    testTimeout: 300_000,
  },
});
