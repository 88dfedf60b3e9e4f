import { defineConfig } from 'vitest/config';

process.env.PANSEA_TEST_SERVERS ??= 'none';

/** `npm run screens`: not tests, but made of the same parts as the window's tests. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    globalSetup: ['tests/support/global-setup.ts'],
    include: ['scripts/screenshots/*.screens.ts'],
    maxWorkers: 2,
    testTimeout: 240_000,
  },
});
