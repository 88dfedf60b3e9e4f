/** @file What a person has handed over is remembered until it is in the queue, or until it is told that it is not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GRACE_MS } from '../../electron/engine/defaults.ts';
import { ask, Silence } from '../../electron/engine/files/disks.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { takenInStore } from '../../electron/engine/store/taken-in.ts';
import {
  bioClass,
  countingServer,
  keysOf,
  openTestEngine,
  settingsFor,
  toBio,
  type TestEngine,
} from '../support/engine.ts';
import { openHungShare, whyNoHungShare } from '../support/hung-share.ts';
import { noIndex } from '../support/recordings.ts';
import { tempDir } from '../support/temp-dir.ts';

const LONG_MS = 3_600_000;
const verified = ({ engine }: TestEngine) => engine.jobs.list('verified', -1);
const written = ({ home }: TestEngine) => takenInStore(home.database).list();

/** Hands files over to an app that ends before they are quiet. */
async function handOver(app: TestEngine, paths: readonly string[]): Promise<void> {
  app.engine.start();
  const taking = app.engine.takeIn(paths, toBio, new AbortController().signal);
  taking.catch(() => {});
  await expect.poll(() => written(app).length).toBe(paths.length);
  await app.engine.stop();
  await expect(taking).rejects.toThrow('stopping');
}

test('a file that was handed over is sent by the next start when the app ended before it was quiet', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await writeFile(path, 'sound');
  {
    await using app = openTestEngine(s3, dir.path, { quietMs: LONG_MS });
    await handOver(app, [path]);
    expect(app.engine.jobs.list(undefined, -1)).toEqual([]);
  }
  await using app = openTestEngine(s3, dir.path);
  expect(app.engine.outside().unseen).toBe(1);
  app.engine.start();
  await expect.poll(() => verified(app)).toMatchObject([{ path }]);
  expect(verified(app)[0]).toMatchObject({ destination: toBio });
  expect(written(app)).toEqual([]);
  expect(app.engine.outside().unseen).toBe(0);
});

test('so it is after a kill, and one run of the command line is enough', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await writeFile(path, 'sound');
  const home = join(dir.path, 'home');
  const script = join(import.meta.dirname, 'killed-hand-over.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(settingsFor(s3)), home, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const count = () => {
    const { database, close } = openHome({ path: home });
    const number = takenInStore(database).count();
    close();
    return number;
  };
  await expect.poll(count).toBe(1);
  child.kill('SIGKILL');
  await ended;
  await using app = openTestEngine(s3, dir.path);
  expect(await app.engine.syncOnce(AbortSignal.timeout(30_000))).toMatchObject({
    verified: 1,
    stillWriting: 0,
  });
  expect(written(app)).toEqual([]);
});

test('one that lies in a followed folder of another class counts once, and goes once, to where it was sent', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const folder = join(dir.path, 'Recordings');
  await mkdir(folder);
  const path = join(folder, 'a.mp3');
  await writeFile(path, 'sound');
  {
    await using app = openTestEngine(s3, dir.path, { quietMs: LONG_MS });
    await app.engine.addFolder(folder, { ...bioClass, classId: 'hist-204' });
    await handOver(app, [path]);
  }
  // So it is the folder that finds it quiet first.
  await appendFile(path, ' and more');
  let isLater = false;
  const monotonicMs = () => (isLater ? performance.now() : 0);
  await using app = openTestEngine(s3, dir.path, { monotonicMs });
  app.engine.start();
  // By then both the folder and the hand wait for it.
  await expect.poll(() => app.heard.filter(({ type }) => type === 'settling').length).toBe(2);
  expect([app.engine.outside().unseen, app.engine.settling().length]).toEqual([1, 1]);
  isLater = true;
  await expect.poll(() => verified(app).length).toBe(1);
  await app.engine.syncOnce(AbortSignal.timeout(30_000));
  expect(app.engine.jobs.list(undefined, -1)).toMatchObject([{ path, destination: toBio }]);
  expect(await keysOf(app.remote)).toHaveLength(1);
});

test('one that is gone or has grown by the next start is not passed over', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const [gone, grown] = [join(dir.path, 'gone.mp3'), join(dir.path, 'grown.mp3')];
  for (const path of [gone, grown]) await writeFile(path, 'sound');
  {
    await using app = openTestEngine(s3, dir.path, { quietMs: LONG_MS });
    await handOver(app, [gone, grown]);
  }
  await rm(gone);
  await appendFile(grown, ' and more');
  await using app = openTestEngine(s3, dir.path);
  app.engine.start();
  await expect.poll(() => verified(app)).toMatchObject([{ path: grown, sizeBytes: 14 }]);
  await expect
    .poll(() => app.engine.jobs.list('failed', -1))
    .toMatchObject([{ path: gone, state: { code: 'file-gone' } }]);
  expect(written(app)).toEqual([]);
});

test('one on a disk that is not there at the next start is waited for, and is not called gone', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const [path, elsewhere] = [join(dir.path, 'a.mp3'), join(dir.path, 'b.mp3')];
  await writeFile(path, 'sound');
  {
    await using app = openTestEngine(s3, dir.path, { quietMs: LONG_MS });
    await handOver(app, [path]);
    // Its mount point is a folder of another disk now.
    app.home.database.prepare(`UPDATE taken_in SET device = device + 1`).run();
  }
  await rename(path, elsewhere);
  await using app = openTestEngine(s3, dir.path, { random: () => 0 });
  app.engine.start();
  const states = () => app.engine.jobs.list(undefined, -1).map(({ state }) => state);
  await expect.poll(states).toMatchObject([{ kind: 'queued', code: 'file-away' }]);
  await rename(elsewhere, path);
  await expect.poll(() => verified(app)).toMatchObject([{ path }]);
});

test.each(['by itself', 'when a person asks for it again', 'for the first time after a pause'])(
  'one that comes back with its disk as it was left, and looks unfinished, is held for a person (tried %s)',
  async (tried) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const [stick, aside] = [join(dir.path, 'stick'), join(dir.path, 'aside')];
    const path = join(stick, 'a.mp4');
    await mkdir(stick);
    await writeFile(path, noIndex);
    {
      await using app = openTestEngine(s3, dir.path, { quietMs: LONG_MS });
      await handOver(app, [path]);
      if (tried === 'by itself')
        app.home.database.prepare(`UPDATE taken_in SET device = device + 1`).run();
    }
    await rename(stick, aside);
    await using app = openTestEngine(s3, dir.path, { random: () => 0 });
    const { queue } = app.engine;
    queue.setPaused(tried === 'for the first time after a pause');
    app.engine.start();
    const states = () => app.engine.jobs.list(undefined, -1).map(({ state }) => state);
    const code = queue.isPaused ? null : tried === 'by itself' ? 'file-away' : 'file-gone';
    await expect.poll(states).toMatchObject([{ code }]);
    await rename(aside, stick);
    queue.setPaused(false);
    if (tried === 'when a person asks for it again') app.engine.decisions.retry({ ids: [] });
    app.engine.tryAgain();
    const held = { kind: 'held', reason: 'unfinished' };
    await expect.poll(states).toEqual([held]);
    expect(await keysOf(app.remote)).toEqual([]);
    app.engine.decisions.uploadAnyway({ ids: [] });
    app.engine.queue.pump();
    await expect.poll(() => verified(app)).toMatchObject([{ path }]);
  },
);

test('one that cannot be looked at, or is there again, is not called gone', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const [folder, aside] = [join(dir.path, 'stick'), join(dir.path, 'aside')];
  const [path, gone] = [join(folder, 'a.mp3'), join(dir.path, 'gone.mp3')];
  await mkdir(folder);
  for (const each of [path, gone]) await writeFile(each, 'sound');
  {
    await using app = openTestEngine(s3, dir.path, { quietMs: LONG_MS });
    await handOver(app, [path, gone]);
  }
  await rm(gone);
  // The system's answer is another one than that there is no such file.
  await rename(folder, aside);
  await writeFile(folder, '');
  await using app = openTestEngine(s3, dir.path);
  app.engine.start();
  const failed = () => app.engine.jobs.list('failed', -1).map((job) => job.path);
  await expect.poll(failed).toEqual([gone]);
  expect(written(app)).toMatchObject([{ seen: { path } }]);
  await rm(folder);
  await rename(aside, folder);
  await expect.poll(() => verified(app)).toMatchObject([{ path }]);
});

test.runIf(process.platform === 'linux')(
  'one that a program keeps open for ever is held for a person, who decides',
  async () => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp3');
    await writeFile(path, 'sound');
    {
      await using app = openTestEngine(s3, dir.path, { quietMs: LONG_MS });
      await handOver(app, [path]);
    }
    const program = await open(path, 'r+');
    let aheadMs = 0;
    const monotonicMs = () => performance.now() + aheadMs;
    await using app = openTestEngine(s3, dir.path, { monotonicMs });
    app.engine.start();
    const waits = () => app.engine.settling().map(({ why }) => why);
    await expect.poll(waits).toEqual(['open']);
    aheadMs = GRACE_MS;
    const held = () => app.engine.jobs.list('held', -1);
    await expect.poll(held).toMatchObject([{ path, state: { reason: 'unfinished' } }]);
    expect([written(app), waits()]).toEqual([[], []]);
    await program.close();
  },
);

test('who is told that a file was not taken is not surprised by it later', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await writeFile(path, 'sound');
  await using app = openTestEngine(s3, dir.path);
  app.engine.start();
  const taking = app.engine.takeIn([path], toBio, new AbortController().signal);
  await expect.poll(() => written(app).length).toBe(1);
  await rm(path);
  expect((await taking).get(path)).toMatchObject({ code: 'file-gone' });
  expect(written(app)).toEqual([]);
});

test('of a file that is known its disk is asked, whatever directory it lies in: a hung one keeps no more threads', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await writeFile(path, 'sound');
  await using app = openTestEngine(s3, dir.path);
  app.engine.start();
  const takeIn = () => app.engine.takeIn([path], toBio, new AbortController().signal);
  await takeIn();
  await expect.poll(() => verified(app)).toMatchObject([{ path }]);
  const answer = Promise.withResolvers<void>();
  const late = ask(verified(app)[0]!.file!.device, () => answer.promise, { limitMs: 1 });
  await expect(late).rejects.toThrow(Silence);
  expect((await takeIn()).get(path)).toMatchObject({ code: 'file-unreadable' });
  answer.resolve();
});

const noShare = whyNoHungShare();
test.skipIf(noShare)(
  `one on a disk that does not answer keeps those beside it from nothing (skipped: ${noShare})`,
  async () => {
    await using share = await openHungShare();
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const [hung, path] = [join(share.path, 'a.mp3'), join(dir.path, 'b.mp3')];
    await writeFile(path, 'sound');
    await using app = openTestEngine(s3, dir.path);
    app.engine.start();
    const taken = await app.engine.takeIn([hung, path], toBio, new AbortController().signal);
    expect([...taken.keys()]).toEqual([path]);
    await expect.poll(() => verified(app)).toMatchObject([{ path }]);
  },
);
