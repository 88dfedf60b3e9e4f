import { defineConfig } from 'vitest/config';

import { SkipReporter } from './tests/support/skip-reporter.ts';

/** Where a script wants the results for counting. */
const outputFile = process.env.PANSEA_TEST_JSON;

const json = (file: string): [string, { outputFile: string }] => ['json', { outputFile: file }];

export default defineConfig({
  test: {
    globalSetup: ['tests/support/global-setup.ts'],
    include: ['tests/**/*.test.ts'],
    reporters: ['default', new SkipReporter(), ...(outputFile ? [json(outputFile)] : [])],
    // Real servers, real files: two cores are shared by the test and the server it talks to.
    maxWorkers: 2,
    // On a loaded machine a browser may be late, and the report shows each retry. Nothing but a
    // browser's own time-out is tried again: a promise that fails once has failed.
    retry: { count: process.env.CI ? 2 : 0, condition: /Timeout \d+ms exceeded/ },
    // Conditions are waited for, and a loaded machine is slow: the usual second is none.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
