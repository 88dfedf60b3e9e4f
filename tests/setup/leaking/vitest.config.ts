import { defineConfig } from 'vitest/config';

/** A run that leaves a key behind; canary-run.test.ts starts it. */
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../../..`,
    globalSetup: ['tests/support/global-setup.ts'],
    include: ['tests/setup/leaking/*.leak.ts'],
  },
});
