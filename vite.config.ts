import { defineConfig } from 'vite';

/** The command line as one file: everything bundled but the native module. */
export default defineConfig({
  ssr: { noExternal: true, external: ['better-sqlite3'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out/main',
    minify: true,
    rolldownOptions: { input: { cli: 'electron/cli.ts' } },
  },
});
