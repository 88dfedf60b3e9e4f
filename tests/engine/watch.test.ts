import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { createPresence } from '../../electron/engine/watch/presence.ts';
import { folderRule, folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { createWatching } from '../../electron/engine/watch/watching.ts';
import {
  bioClass,
  keysOf,
  openTestEngine,
  randomFile,
  type TestEngine,
} from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const quick = { quietMs: 50, rescanMs: 200 };
const withoutClass = folderRule.parse({ kind: 'audio', userId: 'teacher-7' });

const verified = (app: TestEngine) =>
  app.engine.jobs.list('verified', -1).map(({ name, destination }) => ({
    name,
    to: destination?.kind === 'audio' ? destination.classId : destination?.kind,
  }));
const folderStates = (app: TestEngine) =>
  app.heard
    .flatMap((event) => (event.type === 'folder' ? [event.state] : []))
    .filter((state, i, all) => state !== all[i - 1]);

describe('a folder', () => {
  test('that is missing at the start is not connected, and is followed when it appears', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const [path, away] = [join(dir.path, 'usb'), join(dir.path, 'away')];
    await mkdir(path);
    {
      await using app = openTestEngine(s3, dir.path, quick);
      await app.engine.addFolder(path, bioClass);
    }
    await randomFile(join(path, 'a.mp3'), 1_000);
    await rename(path, away);
    await using app = openTestEngine(s3, dir.path, quick);
    expect(await app.engine.syncOnce(AbortSignal.timeout(50_000))).toMatchObject({
      found: 0,
      notConnected: 1,
    });
    app.engine.start();
    await expect.poll(() => folderStates(app)).toEqual(['not-connected']);
    await rename(away, path);
    await expect.poll(() => verified(app)).toHaveLength(1);
    await expect.poll(() => folderStates(app).at(-1)).toBe('watching');
  });

  test('that goes away and comes back loses nothing, and sends nothing twice', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const [path, away] = [join(dir.path, 'usb'), join(dir.path, 'away')];
    await randomFile(join(path, 'a.mp3'), 1_000);
    await writeFile(join(path, 'empty.mp3'), '');
    await using app = openTestEngine(s3, dir.path, quick);
    await app.engine.addFolder(path, bioClass);
    app.engine.start();
    const states = () =>
      app.engine.jobs
        .list(undefined, -1)
        .map(({ state }) => state.kind)
        .toSorted();
    await expect.poll(states).toEqual(['held', 'verified']);
    await rename(path, away);
    await expect.poll(() => folderStates(app).at(-1)).toBe('not-connected');
    expect(states()).toEqual(['held', 'verified']);
    await randomFile(join(away, 'b.mp3'), 1_000);
    await rename(away, path);
    await expect.poll(states).toEqual(['held', 'verified', 'verified']);
    expect(await keysOf(app.remote)).toHaveLength(2);
  });

  test('that goes away is told of by its watcher, not only by the next look, and is watched anew when it is back', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const [path, away] = [join(dir.path, 'usb'), join(dir.path, 'away')];
    await randomFile(join(path, 'a.mp3'), 1_000);
    let stopped: number | undefined;
    const monotonicMs = () => stopped ?? performance.now();
    await using app = openTestEngine(s3, dir.path, { ...quick, rescanMs: 3_600_000, monotonicMs });
    await app.engine.addFolder(path, bioClass);
    app.engine.start();
    await expect.poll(() => verified(app)).toHaveLength(1);
    stopped = performance.now(); // No look is due any more.
    await rename(path, away);
    await expect.poll(() => folderStates(app).at(-1)).toBe('not-connected');
    stopped = undefined;
    await rename(away, path);
    await expect.poll(() => folderStates(app).at(-1)).toBe('watching');
    await randomFile(join(path, 'b.mp3'), 1_000);
    await expect.poll(() => verified(app)).toHaveLength(2);
  });

  test('is looked through at the start: what came while the app was off is sent, what was sent before is not', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    await using folder = await tempDir();
    await randomFile(join(folder.path, 'a.mp3'), 1_000);
    {
      await using app = openTestEngine(s3, dir.path, quick);
      await app.engine.addFolder(folder.path, bioClass);
      app.engine.start();
      await expect.poll(() => verified(app)).toHaveLength(1);
    }
    await randomFile(join(folder.path, 'week 2', 'b.mp3'), 1_000);
    await using app = openTestEngine(s3, dir.path, { quietMs: 50 });
    app.engine.start();
    await expect.poll(() => verified(app).map(({ name }) => name)).toEqual(['a.mp3', 'b.mp3']);
    expect(await keysOf(app.remote)).toHaveLength(2);
  });

  test('without a class holds its recordings until it has one, also when it was taken off the list meanwhile', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    await using folder = await tempDir();
    await randomFile(join(folder.path, 'a.mp3'), 1_000);
    await using app = openTestEngine(s3, dir.path, quick);
    const held = () => app.engine.jobs.list('held', -1).map(({ state, key }) => ({ state, key }));
    const waits = [{ state: { kind: 'held', reason: 'needs-class' }, key: undefined }];
    await app.engine.addFolder(folder.path, withoutClass);
    app.engine.start();
    await expect.poll(held).toEqual(waits);
    folderStore(app.home.database, Date.now).remove(folder.path);
    await app.engine.addFolder(folder.path, withoutClass);
    expect(held()).toEqual(waits);
    expect(await keysOf(app.remote)).toEqual([]);
    await app.engine.addFolder(folder.path, bioClass);
    await expect.poll(() => verified(app)).toEqual([{ name: 'a.mp3', to: 'bio-101' }]);
    expect(held()).toEqual([]);
  });

  test('that gets another class sends there from then on, also what is settling at that moment', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    await using folder = await tempDir();
    await using app = openTestEngine(s3, dir.path, { quietMs: 400 });
    await app.engine.addFolder(folder.path, bioClass);
    app.engine.start();
    await expect.poll(() => folderStates(app)).toEqual(['watching']);
    await randomFile(join(folder.path, 'a.mp3'), 1_000);
    await expect.poll(() => app.engine.settling().length).toBe(1);
    await app.engine.addFolder(folder.path, { ...bioClass, classId: 'chem-7' });
    await expect.poll(() => verified(app)).toEqual([{ name: 'a.mp3', to: 'chem-7' }]);
    await randomFile(join(folder.path, 'b.mp3'), 1_000);
    await expect
      .poll(() => verified(app))
      .toEqual([
        { name: 'a.mp3', to: 'chem-7' },
        { name: 'b.mp3', to: 'chem-7' },
      ]);
  });

  test('that is taken off the list sends nothing more, not even what is settling at that moment', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    await using folder = await tempDir();
    await using app = openTestEngine(s3, dir.path, { quietMs: 400 });
    await app.engine.addFolder(folder.path, bioClass);
    app.engine.start();
    await randomFile(join(folder.path, 'a.mp3'), 1_000);
    await expect.poll(() => app.engine.settling().length).toBe(1);
    const beside = openHome({ path: app.home.path }); // Another process, such as the command line.
    folderStore(beside.database, Date.now).remove(folder.path);
    beside.close();
    await expect.poll(() => app.engine.settling().length).toBe(0);
    expect(app.engine.jobs.list(undefined, -1)).toEqual([]);
  });

  test('is not watched inside another, around another, around the app’s own data, when it is missing, or where the system shows itself', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    await using folder = await tempDir();
    const inside = join(folder.path, 'inside');
    await mkdir(inside);
    await using app = openTestEngine(s3, dir.path);
    const refused = (path: string) =>
      expect(app.engine.addFolder(path, bioClass)).rejects.toMatchObject({ code: 'bad-folder' });
    await refused(dir.path);
    await refused(join(folder.path, 'none'));
    await symlink('/proc', join(folder.path, 'link'));
    await Promise.all(['/proc/self/fd', '/sys', '/dev', join(folder.path, 'link')].map(refused));
    await app.engine.addFolder(inside, bioClass);
    await refused(folder.path);
    await app.engine.addFolder(inside, { ...bioClass, classId: 'chem-7' });
    expect(folderStore(app.home.database, Date.now).list()).toHaveLength(1);
  });

  test('is one folder, however its path is written: through a link it is given a new rule, and neither nested', async () => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    await using home = await tempDir();
    const folder = join(dir.path, 'recordings');
    await mkdir(join(folder, 'inside'), { recursive: true });
    await symlink(folder, join(dir.path, 'link'));
    await writeFile(join(folder, 'a.mp3'), 'a recording');
    await using app = openTestEngine(s3, home.path, { quietMs: 30 });
    await app.engine.addFolder(folder, { ...bioClass, classId: 'chem-7' });
    for (const path of [join(dir.path, 'link', 'inside'), dir.path])
      await expect(app.engine.addFolder(path, bioClass)).rejects.toMatchObject({
        code: 'bad-folder',
      });
    expect(await app.engine.addFolder(join(dir.path, 'link'), bioClass)).toMatchObject({
      path: folder,
      rule: bioClass,
    });
    await app.engine.syncOnce(AbortSignal.timeout(20_000));
    expect(app.engine.jobs.list(undefined, -1)).toMatchObject([
      { path: join(folder, 'a.mp3'), destination: { classId: 'bio-101' } },
    ]);
  });

  test('that cannot be read keeps no other from being looked through', async () => {
    await using dir = await tempDir();
    await using shut = await tempDir();
    await using open = await tempDir();
    await writeFile(join(open.path, 'a.mp3'), 'x');
    const home = openHome({ path: join(dir.path, 'home') });
    const folders = folderStore(home.database, Date.now);
    for (const { path } of [shut, open]) folders.put(path, bioClass);
    const jobs = jobStore(home.database, Date.now);
    const events: unknown[] = [];
    const watching = createWatching({
      folders,
      jobs,
      presence: createPresence(folders, jobs),
      homePath: home.path,
      intake: createIntake(jobs, Date.now),
      onMoved: () => Promise.resolve(),
      quietMs: 60_000,
      rescanMs: 60_000,
      monotonicMs: () => performance.now(),
      isPaused: () => false,
      emit: (event) => events.push(event),
      onWork: () => {},
      log: () => {},
    });
    await chmod(shut.path, 0);
    await chmod(open.path, 0o755);
    const count = await withoutRoot(dirname(open.path), () =>
      watching.scanAll(AbortSignal.timeout(50_000)),
    );
    expect(count).toEqual({ found: 1, skipped: 0, unreadable: 1, notConnected: 0 });
    expect(events).toContainEqual({
      type: 'folder',
      path: shut.path,
      state: 'not-connected',
      detail: 'cannot be read (EACCES)',
    });
    await watching.stop();
    home.close();
    await chmod(shut.path, 0o700);
  });
});

/** Root reads everything: looks as somebody else for a moment, who may pass through the run's folder. */
async function withoutRoot<T>(through: string, work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  await chmod(through, 0o711);
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a file that changes in the moment in which it is queued is taken as it is then, without another scan', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'a.mp3');
  await writeFile(path, 'sound');
  await using app = openTestEngine(s3, dir.path, { quietMs: 50 });
  const { engine } = app;
  await engine.addFolder(folder.path, bioClass);
  engine.queue.setPaused(true);
  const settling = () => engine.settling().map(({ sighting }) => sighting.sizeBytes);
  const { together } = engine.jobs;
  vi.spyOn(engine.jobs, 'together').mockImplementationOnce(async (write) => {
    await writeFile(path, 'longer sound');
    await expect.poll(settling).toEqual([12]);
    return together(write);
  });
  engine.start();
  const known = () => engine.jobs.ofPath(path).map((job) => [job.sizeBytes, job.state.kind]);
  await expect.poll(known).toEqual([
    [5, 'dropped'],
    [12, 'queued'],
  ]);
});
