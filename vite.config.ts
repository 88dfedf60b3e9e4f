import { defineConfig } from 'vite';
import packageJson from './package.json' with { type: 'json' };

/** The command line as one program: everything bundled but the native module. */
export default defineConfig({
  define: { PANSEA_VERSION: JSON.stringify(packageJson.version) },
  ssr: { noExternal: true, external: ['better-sqlite3'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out/main',
    minify: true,
    rolldownOptions: { input: { cli: 'electron/cli.ts' } },
  },
});
