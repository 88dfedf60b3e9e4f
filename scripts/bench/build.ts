/** @file Builds our contestant as the product is built: one file, without the tests' hooks. */
import { join } from 'node:path';
import { build } from 'vite';
import { withoutTestHooks } from '../without-test-hooks.ts';

/** @returns Where it is. */
export async function buildOurs(root: string): Promise<string> {
  const outDir = join(root, 'out', 'bench');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [withoutTestHooks()],
    ssr: { noExternal: true, external: ['better-sqlite3'] },
    build: {
      ssr: join(root, 'scripts', 'bench', 'ours.ts'),
      outDir,
      target: 'node24',
      minify: true,
      chunkSizeWarningLimit: 4_000,
    },
  });
  return join(outDir, 'ours.js');
}
