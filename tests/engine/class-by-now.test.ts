/** @file Promise: what was given up and comes back goes where its folder's rule says by then; what a person let go stays so. */
import { chmod, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { look, type Sighting } from '../../electron/engine/watch/scan.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { folderStore, type FolderRule } from '../../electron/engine/store/folders.ts';
import type { JobEvent } from '../../shared/job.ts';
import { MIB } from '../../shared/parts.ts';
import {
  bioClass,
  countingServer,
  hang,
  keysOf,
  openTestEngine,
  randomFile,
  signal,
  toBio,
  unfinishedUploads,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const chem = { ...bioClass, classId: 'chem-7' };
const toChem = { ...toBio, classId: 'chem-7' };
const { classId: _, ...noClass } = bioClass;
const none = (rule: FolderRule): FolderRule => ({ ...rule, exclude: ['*.mp3'] });

const superseded = { kind: 'dropped', why: 'superseded' };
const cancelled = { kind: 'dropped', why: 'cancelled' };

/** The same version each time. */
async function record(path: string): Promise<void> {
  await writeFile(path, 'sound');
  await utimes(path, 1_000_000, 1_000_000);
}

/** A folder with one recording, which waits: sending is paused until `send`. */
async function follow(rule: FolderRule = bioClass, wrap?: (remote: Remote) => Remote) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer());
  const dir = stack.use(await tempDir());
  const folder = stack.use(await tempDir());
  const app = stack.use(openTestEngine(s3, dir.path, { quietMs: 100, ...(wrap && { wrap }) }));
  const { engine, remote } = app;
  const path = join(folder.path, 'lecture.mp3');
  const edit = (to: FolderRule) => engine.addFolder(folder.path, to);
  const jobs = () => engine.jobs.ofPath(path);
  const states = () => jobs().map(({ state }) => state);
  await record(path);
  await edit(rule);
  engine.queue.setPaused(true);
  engine.start();
  await expect.poll(states).toHaveLength(1);
  return {
    app,
    s3,
    path,
    folder: folder.path,
    edit,
    jobs,
    states,
    first: jobs()[0]!,
    /** Waits there, too, as for a plan. */
    async plan(to = toChem) {
      const found = await look(path);
      return engine.planned.accept((found as { sighting: Sighting }).sighting, to);
    },
    /** As the queue does it when the head of the file is not what its name says. */
    hold: (id: number) =>
      engine.jobs.apply(id, [
        { type: 'claimed' },
        { type: 'kept', hold: { reason: 'wrong-type' } },
      ]),
    async send(): Promise<(string | undefined)[]> {
      engine.queue.setPaused(false);
      await engine.syncOnce(signal());
      return (await keysOf(remote)).map((key) => key.split('/')[1]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test.for([
  ['had a class', bioClass],
  ['had none', noClass],
] as const)(
  'a recording that was left out while its folder %s goes to the class of now when it is taken in again',
  async ([, rule]) => {
    await using watched = await follow(rule);
    await watched.edit(none(rule));
    expect(watched.states()).toEqual([superseded]);
    await watched.edit(none(chem));
    await watched.edit(chem);
    expect(await watched.send()).toEqual(['chem-7']);
    expect(watched.jobs()).toMatchObject([{ destination: toChem, state: { kind: 'verified' } }]);
  },
);

test('an earlier version that is put back after its class was corrected goes to the class of now', async () => {
  await using watched = await follow();
  await writeFile(watched.path, 'other sound');
  await expect.poll(watched.states).toMatchObject([superseded, { kind: 'queued' }]);
  await watched.edit(chem);
  await record(watched.path);
  await expect.poll(watched.states).toMatchObject([{ kind: 'queued' }, superseded]);
  expect(await watched.send()).toEqual(['chem-7']);
});

test('what a person let go for the class of now stays so when its file is touched, and goes to no former class', async () => {
  await using watched = await follow();
  const { engine } = watched.app;
  const { id } = await watched.plan();
  await watched.edit(chem);
  expect(await engine.decisions.dismiss({ ids: [id] })).toBe(1);
  expect(watched.states()).toEqual([superseded, cancelled]);
  await chmod(watched.path, 0o600);
  expect(await watched.send()).toEqual([]);
  expect(watched.states()).toEqual([superseded, cancelled]);
});

test('an upload that was begun for a former class is ended before the recording is sent to the class of now', async () => {
  await using watched = await follow();
  const { engine, remote, home } = watched.app;
  const { id, key } = watched.first;
  const named = { contentType: 'audio/mpeg', metadata: {} };
  const upload = { id: await remote.createUpload(key!, named, signal()), partBytes: 8_388_608 };
  const lost: JobEvent[] = [
    { type: 'claimed' },
    { type: 'began', upload },
    { type: 'interrupted', atMs: 0, code: null },
    { type: 'lost' },
  ];
  engine.jobs.apply(id, lost);
  folderStore(home.database, Date.now).put(watched.folder, chem);
  engine.lookAgain();
  // Before anything is sent: nobody goes on with it under another key.
  await expect
    .poll(watched.jobs)
    .toMatchObject([{ destination: toChem, state: { kind: 'queued', upload: null } }]);
  await expect.poll(() => unfinishedUploads(watched.s3)).toEqual([]);
  expect(await watched.send()).toEqual(['chem-7']);
});

test('a plan does not send what a person has let go there, and leaves alone what is held beside it', async () => {
  await using watched = await follow();
  const { id } = await watched.plan();
  expect(await watched.app.engine.decisions.dismiss({ ids: [id] })).toBe(1);
  watched.hold(watched.first.id);
  expect(await watched.plan()).toMatchObject({ id, state: cancelled });
  expect(watched.states()).toMatchObject([{ kind: 'held' }, cancelled]);
});

test('what is held, and whose object for another class a person deleted, goes there when a person sends it', async () => {
  await using watched = await follow();
  const { engine } = watched.app;
  const { id } = await watched.plan();
  engine.jobs.apply(id, [
    { type: 'claimed' },
    { type: 'stored' },
    { type: 'verified', proof: 'checksum', atMs: 0 },
    { type: 'deleted' },
  ]);
  watched.hold(watched.first.id);
  engine.queue.setPaused(false);
  const [job] = await engine.uploadNow([watched.path], toChem, signal());
  expect(job).toMatchObject({ id, state: { kind: 'verified' }, destination: toChem });
});

test('a dismissed recording whose folder has no class any more is held when it is sent again, until there is one', async () => {
  await using watched = await follow();
  const { engine } = watched.app;
  const { id } = watched.first;
  expect(await engine.decisions.dismiss({ ids: [id] })).toBe(1);
  await watched.edit(noClass);
  expect(engine.decisions.sendAgain({ ids: [id] })).toEqual({ sent: 0, held: 1 });
  expect(watched.states()).toEqual([{ kind: 'held', reason: 'needs-class' }]);
  await watched.edit(bioClass);
  expect(await watched.send()).toEqual(['bio-101']);
});

const needsClass = { destination: undefined, state: { kind: 'held', reason: 'needs-class' } };

test('what waits of a folder that loses its class waits to be told one, and goes to the class that is told', async () => {
  await using watched = await follow();
  await watched.edit(noClass);
  expect(watched.jobs()).toMatchObject([needsClass]);
  expect(await watched.send()).toEqual([]);
  await watched.edit(chem);
  expect(await watched.send()).toEqual(['chem-7']);
});

test('what is on its way when its folder loses its class is stopped, and its open upload ended', async () => {
  const begun = Promise.withResolvers<void>();
  const isStuck = { parts: true };
  await using watched = await follow(bioClass, (remote) => ({
    ...remote,
    async putPart(...args) {
      begun.resolve();
      return isStuck.parts ? hang(args[5]) : remote.putPart(...args);
    },
  }));
  const { engine } = watched.app;
  await randomFile(watched.path, 9 * MIB);
  engine.queue.setPaused(false);
  await begun.promise;
  await watched.edit(noClass);
  expect(watched.jobs().at(-1)).toMatchObject(needsClass);
  await expect.poll(() => unfinishedUploads(watched.s3)).toEqual([]);
  isStuck.parts = false;
  await watched.edit(bioClass);
  expect(await watched.send()).toEqual(['bio-101']);
});

test('what is held for another reason, and whose folder loses its class, goes to no former class when a person sends it', async () => {
  await using watched = await follow();
  const { id } = watched.first;
  watched.hold(id);
  await watched.edit(noClass);
  expect(watched.states()).toEqual([{ kind: 'held', reason: 'wrong-type' }]);
  expect(watched.app.engine.decisions.uploadAnyway({ ids: [id] })).toBe(0);
  expect(watched.jobs()).toMatchObject([needsClass]);
  expect(await watched.send()).toEqual([]);
});

test('a rule is taken together with what waits of its folder, or not at all', async () => {
  await using watched = await follow();
  const { database } = watched.app.home;
  database.exec(`CREATE TEMP TRIGGER refused BEFORE UPDATE OF destination ON main.jobs
    BEGIN SELECT RAISE(ABORT, 'as by a disk that is full'); END`);
  await expect(watched.edit(chem)).rejects.toThrow('as by a disk that is full');
  expect(folderStore(database, Date.now).list()).toMatchObject([{ rule: bioClass }]);
  expect(watched.jobs()).toEqual([watched.first]);
  database.exec('DROP TRIGGER refused');
  await watched.edit(chem);
  expect(await watched.send()).toEqual(['chem-7']);
});

test('what is moved while it is sent goes where its new folder says by the time it has been stopped', async () => {
  await using other = await tempDir();
  const begun = Promise.withResolvers<void>();
  const folders = () => folderStore(watched.app.home.database, Date.now);
  let isFirst = true;
  await using watched = await follow(bioClass, (remote) => ({
    ...remote,
    async putObject(...args) {
      if (!isFirst) return remote.putObject(...args);
      isFirst = false;
      begun.resolve();
      // Before the scan that follows a new rule: it may take long.
      return hang(args[4]).finally(() => folders().put(other.path, chem));
    },
  }));
  const { engine } = watched.app;
  await engine.addFolder(other.path, bioClass);
  engine.queue.setPaused(false);
  await begun.promise;
  await rename(watched.path, join(other.path, 'lecture.mp3'));
  const stored = () => engine.jobs.list('verified', 2).map(({ destination }) => destination);
  await expect.poll(stored).toEqual([toChem]);
});

const cheaper: FolderRule = { ...bioClass, storageClass: 'STANDARD_IA' };

type Watched = Awaited<ReturnType<typeof follow>>;

async function dismissedAndSentAgain({ app, first, edit }: Watched): Promise<void> {
  expect(await app.engine.decisions.dismiss({ ids: [first.id] })).toBe(1);
  await edit(cheaper);
  expect(app.engine.decisions.sendAgain({ ids: [first.id] })).toMatchObject({ sent: 1 });
}

async function leftOutAndTakenIn({ edit }: Watched): Promise<void> {
  for (const rule of [none(bioClass), none(cheaper), cheaper]) await edit(rule);
}

async function replacedAndPutBack({ path, states, edit }: Watched): Promise<void> {
  await writeFile(path, 'other sound');
  await expect.poll(states).toMatchObject([superseded, { kind: 'queued' }]);
  await edit(cheaper);
  await record(path);
  await expect.poll(states).toMatchObject([{ kind: 'queued' }, superseded]);
}

test.for([
  ['dismissed and sent again', dismissedAndSentAgain],
  ['left out and taken in again', leftOutAndTakenIn],
  ['replaced and put back', replacedAndPutBack],
] as const)(
  'a recording that was %s goes into the storage class that its folder has by now',
  async ([, comesBack]) => {
    await using watched = await follow();
    await comesBack(watched);
    expect(await watched.send()).toEqual(['bio-101']);
    const info = await watched.app.remote.head(watched.jobs()[0]!.key!, signal());
    expect(info?.storageClass).toBe('STANDARD_IA');
  },
);
