/** @file Builds what is measured: our contestants as the product is built, without the tests' hooks, and the product. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'vite';
import { withoutTestHooks } from '../without-test-hooks.ts';

export const root = join(import.meta.dirname, '..', '..');

/** @returns The folder with ours.js and watched.js. */
export async function buildOurs(): Promise<string> {
  const outDir = join(root, 'out', 'bench');
  const source = (name: string) => join(root, 'scripts', 'bench', `${name}.ts`);
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [withoutTestHooks()],
    ssr: { noExternal: true, external: ['better-sqlite3'] },
    build: {
      ssr: true,
      outDir,
      target: 'node24',
      minify: true,
      chunkSizeWarningLimit: 4_000,
      rolldownOptions: { input: { ours: source('ours'), watched: source('watched') } },
    },
  });
  return outDir;
}

/** The app and the command line, as they are shipped. */
export function buildProduct(): void {
  runNode(
    join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'),
    'build',
    '--logLevel',
    'warn',
  );
}

/** What it prints goes to stderr, where progress is. */
export function runNode(script: string, ...args: string[]): void {
  execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
}
