/**
 * @file Proves that the rules of the architecture fire. In a copy of the configuration, in the temp
 * folder, it plants one file for each rule, runs the linter and the type checker on them, and fails
 * when a rule kept silent, or when a file that breaks none was complained about.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const LAYER = 'no-restricted-imports';
const answer = 'export const answer = 42;\n';

/** @type {ReadonlyArray<{ file: string; text: string; rule?: string }>} Without `rule`: breaks none. */
const planted = [
  { file: 'shared/clean.ts', text: answer },
  { file: 'electron/engine/clean.ts', text: importing('../../shared/clean.ts') },
  { file: 'electron/engine/store/clean.ts', text: importing('../../../shared/clean.ts') },
  { file: 'electron/engine/s3/clean.ts', text: importing('../../../shared/clean.ts') },
  { file: 'electron/embedded-s3/clean.ts', text: importing('../../shared/clean.ts') },
  { file: 'shared/uses-node.ts', text: `import 'node:fs';\n`, rule: LAYER },
  { file: 'shared/uses-engine.ts', text: importing('../electron/engine/clean.ts'), rule: LAYER },
  {
    file: 'electron/engine/uses-stack.ts',
    text: 'export const stack = new DisposableStack();\n',
    rule: 'no-restricted-globals',
  },
  { file: 'electron/engine/uses-electron.ts', text: `import 'electron';\n`, rule: LAYER },
  { file: 'electron/engine/uses-shell.ts', text: importing('../shell/clean.ts'), rule: LAYER },
  {
    file: 'electron/engine/uses-server.ts',
    text: importing('../embedded-s3/clean.ts'),
    rule: LAYER,
  },
  {
    file: 'electron/embedded-s3/uses-engine.ts',
    text: importing('../engine/clean.ts'),
    rule: LAYER,
  },
  { file: 'electron/engine/store/uses-s3.ts', text: importing('../s3/clean.ts'), rule: LAYER },
  { file: 'electron/engine/s3/uses-store.ts', text: importing('../store/clean.ts'), rule: LAYER },
  { file: 'electron/engine/store/uses-electron.ts', text: `import 'electron';\n`, rule: LAYER },
  { file: 'electron/cli.ts', text: `import 'electron';\n`, rule: LAYER },
  { file: 'renderer/uses-engine.ts', text: importing('../electron/engine/clean.ts'), rule: LAYER },
  { file: 'electron/engine/too-long.ts', text: answer + '\n'.repeat(300), rule: 'max-lines' },
  { file: 'electron/engine/cycle-a.ts', text: importing('./cycle-b.ts'), rule: 'no-cycle' },
  { file: 'electron/engine/cycle-b.ts', text: importing('./cycle-a.ts'), rule: 'no-cycle' },
  {
    file: 'electron/engine/floating.ts',
    text: `export const save = async (): Promise<number> => 1;\nexport function press(): void {\n  save();\n}\n`,
    rule: 'no-floating-promises',
  },
];

/** What `shared/` must not see: each on a line of its own, each a type error. */
const impure = ['process.pid;', 'setTimeout(() => {}, 1);', `fetch('');`, 'window;', 'Buffer;'];

/** @param {string} from */
function importing(from) {
  return `import { answer } from '${from}';\n\nexport { answer };\n`;
}

/** @returns {string[]} */
function lintFaults(/** @type {string} */ dir) {
  const { stdout, stderr } = run(dir, 'oxlint/bin/oxlint', [
    '--format',
    'json',
    'shared',
    'electron',
    'renderer',
  ]);
  /** @type {Array<{ code?: string; filename: string }>} */
  let complaints;
  try {
    complaints = JSON.parse(stdout).diagnostics;
  } catch {
    return [`oxlint did not answer: ${stdout}${stderr}`];
  }
  return planted.flatMap(({ file, rule }) => {
    const codes = complaints
      .filter(({ filename }) => filename.replaceAll('\\', '/').endsWith(file))
      .map(({ code = 'unnamed' }) => code);
    if (rule === undefined)
      return codes.length === 0 ? [] : [`${file} is clean, but the linter says ${codes.join()}`];
    return codes.some((code) => code.includes(`(${rule})`))
      ? []
      : [`${rule} kept silent about ${file}`];
  });
}

/** @returns {string[]} */
function typeFaults(/** @type {string} */ dir) {
  writeFileSync(path.join(dir, 'shared', 'impure.ts'), `export {};\n${impure.join('\n')}\n`);
  const { stdout } = run(dir, 'typescript/bin/tsc', ['-p', 'shared', '--pretty', 'false']);
  return impure.flatMap((statement, i) =>
    stdout.includes(`impure.ts(${i + 2},`)
      ? []
      : [`tsc -p shared lets pass in shared/: ${statement}`],
  );
}

/** @returns {{ stdout: string; stderr: string }} */
function run(
  /** @type {string} */ cwd,
  /** @type {string} */ program,
  /** @type {readonly string[]} */ args,
) {
  const file = path.join(root, 'node_modules', ...program.split('/'));
  return spawnSync(process.execPath, [file, ...args], { cwd, encoding: 'utf8' });
}

const dir = mkdtempSync(path.join(tmpdir(), 'pansea-planted-'));
try {
  for (const file of [
    '.oxlintrc.json',
    'package.json',
    'tsconfig.json',
    'shared/tsconfig.json',
    'electron/tsconfig.json',
  ])
    cpSync(path.join(root, file), path.join(dir, file));
  // A junction is the link that Windows lets anybody make.
  symlinkSync(path.join(root, 'node_modules'), path.join(dir, 'node_modules'), 'junction');
  for (const { file, text } of planted) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  }
  const faults = [...lintFaults(dir), ...typeFaults(dir)];
  for (const fault of faults) console.error(`Planted violation: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`All ${planted.length + impure.length} planted files got what they deserve`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
