import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { isLong } from '../models/seeds.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A process with lines in and out, ended with the test. */
function startProcess(script: string, home: string) {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, script), home], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    child,
    say: (line: string) => void child.stdin!.write(`${line}\n`),
    hear: async () => (await lines.next()).value,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The contest itself is the same each time. */
const ROUNDS = isLong ? 200 : 15;

test('of five that start at the same instant exactly one writes, however often', async () => {
  await using dir = await tempDir();
  await using stack = new AsyncDisposableStack();
  const five = [1, 2, 3, 4, 5].map(() => stack.use(startProcess('contender.ts', dir.path)));
  for (const one of five) expect(await one.hear()).toBe('ready');
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of five) one.say('go');
    const answers = await Promise.all(five.map((one) => one.hear()));
    expect(answers.filter((answer) => answer === 'won')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'lost home-locked')).toHaveLength(4);
    const winner = five[answers.indexOf('won')]!;
    expect(() => lockHome({ path: dir.path })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(new RegExp(`process ${winner.child.pid}$`)),
      }),
    );
    winner.say('release');
    expect(await winner.hear()).toBe('released');
  }
}, 300_000);

test('a holder that is stopped is not robbed; one that is killed is free at once', async () => {
  await using dir = await tempDir();
  await using holder = startProcess('hold-lock.ts', dir.path);
  expect(await holder.hear()).toBe('locked');
  holder.child.kill('SIGSTOP');
  for (let n = 0; n < 3; n += 1)
    expect(() => lockHome({ path: dir.path })).toThrow(
      expect.objectContaining({ code: 'home-locked' }),
    );
  const ended = once(holder.child, 'exit');
  holder.child.kill('SIGKILL');
  await ended;
  lockHome({ path: dir.path }).close();
});

test('a number left behind by a holder that is gone is not shown as the holder', async () => {
  await using dir = await tempDir();
  await using gone = startProcess('contender.ts', dir.path);
  await gone.hear();
  const { pid } = gone.child;
  await gone[Symbol.asyncDispose]();
  const home = lockHome({ path: dir.path });
  await writeFile(join(dir.path, 'lock.txt'), `process ${pid}\n`);
  expect(() => lockHome({ path: dir.path })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/by another process$/) }),
  );
  home.close();
});
