/** @file Promise: discovery is complete even if every event of the file system is lost. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CONNECTION_CHECK_MS, STEADY_CHECK_MS } from '../../electron/engine/watch/following.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { bioClass, keysOf, openTestEngine, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const watched = vi.hoisted(() => [] as string[]);
vi.mock(import('../../electron/engine/watch/watch.ts'), () => ({
  watchFolder({ path }) {
    watched.push(basename(path));
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  },
}));
vi.mock(import('../../electron/engine/files/local-disk.ts'), async (original) => ({
  ...(await original()),
  tellsChanges: (path) => basename(path) !== 'share',
}));

test('with a watcher that says nothing, the scan alone finds and sends every recording once', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, rescanMs: 150 });
  await randomFile(join(folder.path, 'before.mp3'), 1_000);
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  const names = () =>
    app.engine.jobs
      .list('verified', -1)
      .map(({ name }) => name)
      .toSorted((a, b) => (a < b ? -1 : 1));
  await expect.poll(names).toEqual(['before.mp3']);
  await randomFile(join(folder.path, 'after.mp3'), 1_000);
  await randomFile(join(dir.path, 'moved', 'deep', 'in.mp3'), 1_000);
  await rename(join(dir.path, 'moved'), join(folder.path, 'moved'));
  await expect.poll(names).toEqual(['after.mp3', 'before.mp3', 'in.mp3']);
  expect(await keysOf(app.remote)).toHaveLength(3);
});

test('a share is not watched but looked through every minute, and that is said once: to watch one that hangs would stop all others', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  let aheadMs = 0;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 50,
    rescanMs: 3_600_000,
    monotonicMs: () => performance.now() + aheadMs,
  });
  const folders = ['share', 'local'].map((name) => join(dir.path, name));
  for (const path of folders) {
    await randomFile(join(path, 'a.mp3'), 1_000);
    await app.engine.addFolder(path, bioClass);
  }
  app.engine.start();
  await expect.poll(() => app.engine.jobs.list('verified', -1).length).toBe(2);
  await randomFile(join(folders[0]!, 'b.mp3'), 1_000);
  aheadMs += 61_000;
  await expect.poll(() => app.engine.jobs.list('verified', -1).length).toBe(3);
  expect([watched.includes('share'), watched.includes('local')]).toEqual([false, true]);
  const limited = app.heard.flatMap((event) =>
    event.type === 'folder' && event.detail?.includes('live watching is limited') === true
      ? [event.path]
      : [],
  );
  expect(limited).toEqual([folders[0]]);
});

test('a folder that goes away is told of within a minute, within 5 s once anybody missed it, and within 5 s when it is back', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  await using app = openTestEngine(s3, dir.path, { quietMs: 50 });
  const [path, away] = [join(dir.path, 'usb'), join(dir.path, 'away')];
  await mkdir(path);
  const folder = await app.engine.addFolder(path, bioClass);
  app.engine.start();
  const last = () => app.heard.findLast((event) => event.type === 'folder')?.state;
  await expect.poll(last).toBe('watching');
  for (const isMissed of [false, true]) {
    await rename(path, away);
    if (isMissed) await app.engine.presence(folder);
    vi.advanceTimersByTime(isMissed ? CONNECTION_CHECK_MS : STEADY_CHECK_MS);
    await expect.poll(last).toBe('not-connected');
    await rename(away, path);
    vi.advanceTimersByTime(CONNECTION_CHECK_MS);
    await expect.poll(last).toBe('watching');
  }
});

test('what waits for a folder that is away waits no longer when that is taken off the list', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let nowMs = 0;
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, monotonicMs: () => nowMs });
  const [path, away] = [join(dir.path, 'usb'), join(dir.path, 'away')];
  await mkdir(path);
  await randomFile(join(path, 'a.mp3'), 1_000);
  const { engine } = app;
  await engine.addFolder(path, bioClass);
  engine.queue.setPaused(true);
  engine.start();
  const counted = (state: 'queued' | 'verified') => engine.jobs.list(state, -1).length;
  const quiet = () => {
    nowMs += 100;
    return counted('queued');
  };
  await expect.poll(quiet).toBe(1);
  await rename(path, away);
  vi.advanceTimersByTime(STEADY_CHECK_MS);
  const states = () => app.heard.flatMap((it) => (it.type === 'folder' ? [it.state] : []));
  await expect.poll(states).toContain('not-connected');
  engine.queue.setPaused(false);
  await rename(away, path);
  folderStore(app.home.database, Date.now).remove(path);
  engine.foldersChanged();
  await expect.poll(() => counted('verified')).toBe(1);
});

test('what arrived while the computer slept is found when it wakes, long before the next scan', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, rescanMs: 3_600_000 });
  await randomFile(join(folder.path, 'before.mp3'), 1_000);
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  const stored = () => app.engine.jobs.list('verified', -1).length;
  await expect.poll(stored).toBe(1);
  await randomFile(join(folder.path, 'while asleep.mp3'), 1_000);
  app.engine.woke();
  await expect.poll(stored).toBe(2);
});

test('10,000 files that come at once are all found and none is lost', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const { classId: _, ...withoutClass } = bioClass; // They are held: what counts here is the finding.
  await using app = openTestEngine(s3, dir.path, { quietMs: 50, rescanMs: 500 });
  await app.engine.addFolder(folder.path, withoutClass);
  app.engine.start();
  await mkdir(join(dir.path, 'burst'));
  for (let n = 0; n < 10_000; n += 1)
    await writeFile(join(dir.path, 'burst', `${n}.mp3`), `recording ${n}`);
  await rename(join(dir.path, 'burst'), join(folder.path, 'burst'));
  const held = () => app.engine.jobs.tally().find(({ kind }) => kind === 'held')?.count ?? 0;
  await expect.poll(held, { timeout: 200_000, interval: 500 }).toBe(10_000);
  expect(new Set(app.engine.jobs.list('held', -1).map(({ path }) => path)).size).toBe(10_000);
  // Nothing changes when they are seen again.
  const { found } = await app.engine.syncOnce(AbortSignal.timeout(60_000));
  expect([found, held()]).toEqual([10_000, 10_000]);
}, 280_000);
