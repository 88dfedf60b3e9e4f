import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import packageJson from './package.json' with { type: 'json' };
import { withoutTestHooks } from './scripts/without-test-hooks.ts';

/** kB: one bundle is what is wanted, and a warning on `npm start` is not. */
const chunkSizeWarningLimit = 4_000;
const define = { PANSEA_VERSION: JSON.stringify(packageJson.version) };
const verifier = readFileSync(resolve('scripts/verify-receipts.mjs'), 'utf8');

/** Everything is bundled but Electron and the native modules, so that the app ships no other package. */
export default defineConfig({
  main: {
    define: { ...define, PANSEA_RECEIPTS_VERIFIER: JSON.stringify(verifier) },
    plugins: [withoutTestHooks()],
    build: {
      outDir: 'out/main',
      // The tests' Electron has Node 20; the product's own has 24.
      target: 'node20',
      externalizeDeps: false,
      minify: true,
      chunkSizeWarningLimit,
      rolldownOptions: {
        external: ['electron', 'better-sqlite3'],
        input: { index: resolve('electron/main.ts'), cli: resolve('electron/cli.ts') },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      minify: true,
      rolldownOptions: {
        // A sandboxed preload can only be one CommonJS file.
        external: ['electron'],
        input: { preload: resolve('electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    define,
    build: {
      outDir: 'out/renderer',
      minify: true,
      chunkSizeWarningLimit,
      rolldownOptions: { input: resolve('renderer/index.html') },
    },
  },
});
