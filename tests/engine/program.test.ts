/** @file What becomes of us when a program cannot be started, or does not end. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const module = pathToFileURL(join(import.meta.dirname, '../../electron/engine/program.ts')).href;

/** @returns What a process of its own, with few descriptors, prints. @throws When it fails, or has not ended after 20 seconds. */
async function printed(code: string): Promise<string> {
  const script = `import { openSync } from 'node:fs';
    import { runProgram } from ${JSON.stringify(module)};
    const signal = new AbortController().signal;
    ${code}`;
  const few = ['-c', 'ulimit -n 200 && exec "$0" --input-type=module -e "$1"'];
  const { stdout } = await promisify(execFile)('bash', [...few, process.execPath, script], {
    timeout: 20_000,
  });
  return stdout.trim();
}

test('a program that cannot be started, for want of free descriptors too, is an error that can be caught', async () => {
  const tried = await printed(`
    const codeOf = (program) =>
      runProgram([program], { limitMs: 5_000, signal }).then(({ code }) => code, ({ code }) => code);
    console.log(await codeOf('/no/such'));
    for (;;) try { openSync('/dev/null'); } catch { break; }
    console.log(await codeOf('/bin/true'));`);
  expect(tried).toBe('ENOENT\nEMFILE');
});

test('one that hangs in the kernel after its time keeps nobody from ending', async () => {
  const pid = await printed(`
    process.kill = (group) => console.log(-group); // As there: it does not end for being killed.
    await runProgram(['/bin/sleep', '600'], { limitMs: 50, signal });`);
  expect(process.kill(Number(pid), 'SIGKILL')).toBe(true);
});
