/** @file The program that is told what became of recordings: each once, many in one run, and nothing waits for it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HookTimes } from '../../electron/engine/hook.ts';
import { bioClass, openTestEngine, randomFile } from '../support/engine.ts';
import { makeHook } from '../support/hooks.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

/** An engine that follows an empty folder, and a hook that is not set yet. */
async function place(behaviour: Parameters<typeof makeHook>[1]) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer('embedded'));
  const dir = stack.use(await tempDir());
  const folder = stack.use(await tempDir());
  const tools = stack.use(await tempDir());
  const hook = await makeHook(tools.path, behaviour);
  const openOnly = (command: string, hookTimes: Partial<HookTimes> = {}) =>
    openTestEngine(s3, dir.path, { quietMs: 100, hook: command, hookTimes });
  return {
    hook,
    path: (name: string) => join(folder.path, name),
    /** Not started, as for one verb. */
    openOnly,
    /** @param command As in the environment. */
    async open(command = hook.path, hookTimes: Partial<HookTimes> = {}) {
      const app = openOnly(command, hookTimes);
      await app.engine.addFolder(folder.path, bioClass);
      app.engine.start();
      const stateOf = (name: string) =>
        app.engine.jobs.ofPath(join(folder.path, name)).at(-1)?.state.kind;
      const troubles = () => app.heard.flatMap((one) => (one.type === 'hook' ? [one.detail] : []));
      return { ...app, stateOf, troubles };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('it is told once of each recording that was verified or waits for a person, and of none from before it was set', async () => {
  await using at = await place('well');
  {
    await using before = await at.open('');
    await randomFile(at.path('before.mp3'), 900);
    await expect.poll(() => before.stateOf('before.mp3')).toBe('verified');
  }
  await using app = await at.open(JSON.stringify([at.hook.path, '$(touch x)', 'b c']));
  await randomFile(at.path('a "quoted"\n.mp3'), 900);
  await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(1);
  await writeFile(at.path('empty.mp3'), '');
  await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(2);
  const [job] = app.engine.jobs.ofPath(at.path('a "quoted"\n.mp3'));
  const [verified, held] = await at.hook.told();
  expect(verified).toEqual({
    event: 'verified',
    id: job!.id,
    path: job!.path,
    key: job!.key,
    classId: 'bio-101',
    sizeBytes: 900,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
  });
  expect(held).toMatchObject({ event: 'held', path: at.path('empty.mp3'), code: 'empty' });
  expect(await at.hook.runs()).toEqual(Array(2).fill('run $(touch x) b c'));
  expect(app.troubles()).toEqual([]);
});

test('250 recordings at once are told in order by three runs, and not by 250', async () => {
  await using at = await place('well');
  for (let i = 0; i < 250; i += 1) await writeFile(at.path(`${i}.mp3`), `sound ${i}`);
  await using app = await at.open(at.hook.path, { collectMs: 600_000 });
  await expect
    .poll(() => app.engine.jobs.tally().find(({ kind }) => kind === 'verified')?.count, {
      timeout: 30_000,
    })
    .toBe(250);
  await app.engine.hook.settled(AbortSignal.timeout(30_000));
  const told = await at.hook.told();
  expect(new Set(told.map(({ path }) => path)).size).toBe(250);
  expect(told).toHaveLength(250);
  const times = told.map(({ at: time }) => time as string);
  expect(times).toEqual(times.toSorted());
  expect(await at.hook.runs()).toHaveLength(3);
});

test('a hook that hangs delays no upload, is ended with what it has started, and is said to have failed', async () => {
  await using at = await place('hang');
  await using app = await at.open(at.hook.path, { limitMs: 4_000, restMs: 100 });
  await randomFile(at.path('a.mp3'), 900);
  await expect.poll(() => at.hook.read('child'), { timeout: 10_000 }).not.toBe('');
  await randomFile(at.path('b.mp3'), 900);
  await expect.poll(() => app.stateOf('b.mp3')).toBe('verified');
  expect(app.troubles()).toEqual([]);
  expect(await at.hook.runs()).toHaveLength(1);
  const child = Number(await at.hook.read('child'));
  await at.hook.becomes('well');
  await expect
    .poll(app.troubles)
    .toEqual(['hook with a space did not come to an end within 4 seconds', undefined]);
  await expect.poll(() => isRunning(child)).toBe(false);
  expect((await at.hook.told()).map(({ path }) => path)).toEqual([
    at.path('a.mp3'),
    at.path('b.mp3'),
  ]);
});

test('what a hook failed with is not told it again; its next run waits, and its words are kept', async () => {
  await using at = await place('broken');
  await using app = await at.open(at.hook.path, { collectMs: 10, restMs: 4_000 });
  const paths = async () => (await at.hook.told()).map(({ path }) => path);
  await randomFile(at.path('a.mp3'), 900);
  await expect.poll(at.hook.runs).toHaveLength(1);
  const fromMs = performance.now();
  await randomFile(at.path('b.mp3'), 900);
  await expect.poll(at.hook.runs).toHaveLength(2);
  expect(performance.now() - fromMs).toBeGreaterThan(1_500);
  await expect.poll(paths).toEqual([at.path('a.mp3'), at.path('b.mp3')]);
  expect(app.troubles()).toEqual(['hook with a space ended with 3: No such room']);
  // One that reads nothing has been told, too.
  await at.hook.becomes('deaf');
  await randomFile(at.path('c.mp3'), 900);
  await expect.poll(app.troubles).toHaveLength(2);
  await at.hook.becomes('well');
  await randomFile(at.path('d.mp3'), 900);
  await expect.poll(paths).toEqual(['a.mp3', 'b.mp3', 'd.mp3'].map(at.path));
});

test('a run that is cut off by the end of the engine is made again at the next start', async () => {
  await using at = await place('slow');
  {
    await using app = await at.open();
    await randomFile(at.path('a.mp3'), 900);
    await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(1);
    await app.engine.stop();
  }
  await at.hook.go();
  await using app = await at.open();
  await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(2);
  expect(app.troubles()).toEqual([]);
});

test('a run that somebody else ends has failed, unless it was ended with us: that one is made again', async () => {
  await using at = await place('slow');
  const endIt = async () => {
    const pid = Number(await at.hook.read('pid'));
    process.kill(pid, 'SIGTERM');
    await expect.poll(() => isRunning(pid)).toBe(false);
  };
  {
    await using app = await at.open();
    await randomFile(at.path('a.mp3'), 900);
    await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(1);
    await endIt();
    await expect.poll(app.troubles).toEqual(['hook with a space broke off']);
  }
  {
    await using app = await at.open();
    await randomFile(at.path('b.mp3'), 900);
    await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(2);
    await endIt();
    await app.engine.stop();
    expect(app.troubles()).toEqual([]);
  }
  await at.hook.go();
  await using app = await at.open();
  await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(3);
  expect((await at.hook.told()).map(({ path }) => path)).toEqual(
    ['a.mp3', 'b.mp3', 'b.mp3'].map(at.path),
  );
  expect(app.troubles()).toEqual([]);
});

test.each([
  ['bin/hook', /^PANSEA_HOOK has to be the whole path/],
  ['["/bin/true", 7]', /^PANSEA_HOOK has to be the whole path/],
  ['["/bin/true"', /^PANSEA_HOOK has to be the whole path/],
  [
    '/bin/true --key 7',
    /^PANSEA_HOOK names no program that is there; arguments belong in a list in JSON$/,
  ],
  ['/no/such hook', /^\/no\/such hook is not there, or may not be started$/],
])(
  'recordings go up where the hook cannot be started, which is said at once: %s',
  async (command, words) => {
    await using at = await place('well');
    {
      await using app = await at.open(command, { restMs: 50 });
      await expect.poll(app.troubles, { timeout: 10_000 }).toEqual([expect.stringMatching(words)]);
      await randomFile(at.path('a.mp3'), 900);
      await expect.poll(() => app.stateOf('a.mp3')).toBe('verified');
    }
    // Nobody was told: that is made up for.
    await using app = await at.open();
    await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(1);
    expect(app.troubles()).toEqual([]);
  },
);

test('what waits to be told outlives one verb without a hook, and not a program that stays without one', async () => {
  await using at = await place('well');
  const paths = async () => (await at.hook.told()).map(({ path }) => path);
  const untold = { collectMs: 600_000 };
  {
    await using app = await at.open(at.hook.path, untold);
    await randomFile(at.path('a.mp3'), 900);
    await expect.poll(() => app.stateOf('a.mp3')).toBe('verified');
  }
  {
    await using app = at.openOnly('');
    await app.engine.syncOnce(AbortSignal.timeout(30_000));
  }
  {
    await using app = at.openOnly('');
    app.engine.start(false); // As for a plan.
  }
  {
    await using app = await at.open();
    await expect.poll(paths, { timeout: 10_000 }).toEqual([at.path('a.mp3')]);
    expect(app.troubles()).toEqual([]);
  }
  {
    await using app = await at.open(at.hook.path, untold);
    await randomFile(at.path('b.mp3'), 900);
    await expect.poll(() => app.stateOf('b.mp3')).toBe('verified');
  }
  await (await at.open(''))[Symbol.asyncDispose]();
  await using app = await at.open();
  await randomFile(at.path('c.mp3'), 900);
  await expect.poll(paths, { timeout: 10_000 }).toEqual(['a.mp3', 'c.mp3'].map(at.path));
  expect(app.troubles()).toEqual([]);
});

test('in a ledger that was made anew it is told of what comes from then on', async () => {
  await using at = await place('well');
  {
    await using app = await at.open();
    await randomFile(at.path('a.mp3'), 900);
    await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(1);
    app.home.database.exec('DELETE FROM history');
  }
  {
    await using app = await at.open(at.hook.path, { collectMs: 600_000 });
    await randomFile(at.path('b.mp3'), 900);
    await expect.poll(() => app.stateOf('b.mp3')).toBe('verified');
  }
  await using app = await at.open();
  await expect.poll(at.hook.told, { timeout: 10_000 }).toHaveLength(2);
  expect(app.troubles()).toEqual([]);
});

test('of a recording whose row cannot be read nothing is told, of the others all is; a history that cannot be read ends the wait', async () => {
  await using at = await place('well');
  await using app = await at.open(at.hook.path, { collectMs: 600_000 });
  for (const name of ['a.mp3', 'b.mp3']) {
    await randomFile(at.path(name), 900);
    await expect.poll(() => app.stateOf(name)).toBe('verified');
  }
  const { database } = app.home;
  database.prepare(`UPDATE jobs SET fingerprint = '{' WHERE path = ?`).run(at.path('a.mp3'));
  await app.engine.hook.settled(AbortSignal.timeout(20_000));
  expect((await at.hook.told()).map(({ path }) => path)).toEqual([at.path('b.mp3')]);
  database.exec('ALTER TABLE history RENAME TO lost');
  const signal = AbortSignal.timeout(20_000);
  await app.engine.hook.settled(signal);
  expect(signal.aborted).toBe(false);
  database.exec('ALTER TABLE lost RENAME TO history');
});

test('it gets none of our keys', async () => {
  await using at = await place('nosy');
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'of somebody’s shell';
  await using app = await at.open();
  await randomFile(at.path('a.mp3'), 900);
  await expect.poll(() => at.hook.read('env'), { timeout: 10_000 }).toContain('PATH=');
  expect(await at.hook.read('env')).not.toMatch(/AWS_|PANSEA_/);
  expect(app.troubles()).toEqual([]);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
