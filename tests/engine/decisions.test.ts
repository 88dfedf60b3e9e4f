import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  bioClass,
  countingServer,
  hang,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
  toBio,
  unfinishedUploads,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';

const MIB = 1_024 * 1_024;

async function follow({
  hasClass = true,
  isPaused = false,
  wrap = (remote: Remote): Remote => remote,
} = {}) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer());
  const dir = stack.use(await tempDir());
  const folder = stack.use(await tempDir());
  const app = stack.use(openTestEngine(s3, dir.path, { quietMs: 100, wrap }));
  const { classId: _, ...rule } = bioClass;
  await app.engine.addFolder(folder.path, hasClass ? bioClass : rule);
  app.engine.queue.setPaused(isPaused);
  app.engine.start();
  const states = () => app.engine.jobs.list(undefined, 50).map(({ state }) => state);
  const only = async (state: object) => {
    await expect.poll(states).toMatchObject([state]);
    return app.engine.jobs.list(undefined, 1)[0]!;
  };
  return {
    s3,
    app,
    folder: folder.path,
    states,
    only,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The head of an MP4 without anything in it. */
const noIndex = Buffer.from('00000018667479706d70343200000000', 'hex');

test.for([
  ['an empty recording', Buffer.alloc(0)],
  ['an unfinished recording', Buffer.concat([noIndex, Buffer.alloc(64)])],
] as const)(
  '%s that is held goes up as it is when a person says so, byte for byte',
  async ([, bytes]) => {
    await using watched = await follow();
    const { engine, remote } = watched.app;
    await writeFile(join(watched.folder, 'lecture.mp4'), bytes);
    const job = await watched.only({ kind: 'held' });
    expect(await keysOf(remote)).toEqual([]);
    expect(engine.decisions.uploadAnyway({ ids: [job.id] })).toBe(1);
    engine.queue.pump();
    const { key } = await watched.only({ kind: 'verified' });
    expect(await objectBytes(remote, key!)).toEqual(bytes);
  },
);

test('what is held without a class still needs one after "upload anyway", and goes to that class then', async () => {
  await using watched = await follow({ hasClass: false });
  const { engine } = watched.app;
  await writeFile(join(watched.folder, 'lecture.mp3'), '');
  const { id } = await watched.only({ kind: 'held', reason: 'empty' });
  expect(engine.decisions.uploadAnyway({ ids: [id] })).toBe(0);
  await watched.only({ kind: 'held', reason: 'needs-class' });
  await engine.addFolder(watched.folder, bioClass);
  const { destination } = await watched.only({ kind: 'verified' });
  expect(destination).toMatchObject({ classId: 'bio-101' });
});

test('a dismissed recording stays where it is and is not sent, not after a rescan and not after a restart', async () => {
  await using watched = await follow({ isPaused: true });
  const { engine, remote } = watched.app;
  const path = join(watched.folder, 'lecture.mp3');
  await writeFile(path, 'sound');
  const job = await watched.only({ kind: 'queued' });
  expect(await engine.decisions.dismiss({ ids: [job.id] })).toBe(1);
  engine.queue.setPaused(false);
  const cancelled = { kind: 'dropped', why: 'cancelled' };
  expect(await engine.syncOnce(AbortSignal.timeout(50_000))).toMatchObject({
    uploaded: 0,
    failed: 0,
  });
  expect(watched.states()).toEqual([cancelled]);
  expect(engine.jobs.dismissed()).toBe(1);
  expect(await readFile(path, 'utf8')).toBe('sound');
  expect(await keysOf(remote)).toEqual([]);
  // What is recorded into it later is another version, which nobody has dismissed.
  await appendFile(path, ' and more');
  await expect.poll(watched.states).toMatchObject([cancelled, { kind: 'verified' }]);
});

test('a dismissed recording goes up when it is sent again', async () => {
  await using watched = await follow();
  const { engine, remote } = watched.app;
  await writeFile(join(watched.folder, 'lecture.mp3'), '');
  const { id } = await watched.only({ kind: 'held' });
  expect(await engine.decisions.dismiss({ ids: [id], code: 'empty' })).toBe(1);
  expect(engine.decisions.sendAgain({ ids: [id] })).toEqual({ sent: 1, held: 0 });
  engine.queue.pump();
  await watched.only({ kind: 'verified' });
  expect(await keysOf(remote)).toHaveLength(1);
  expect(engine.decisions.sendAgain({ ids: [id] })).toEqual({ sent: 0, held: 0 });
});

test.for([
  ['held for a class, to the class that its folder then gets', { hasClass: false }, 'held'],
  ['queued, to the class that its folder then has', { isPaused: true }, 'queued'],
] as const)(
  'a recording that was dismissed while it was %s, goes there when it is sent again',
  async ([, options, kind]) => {
    await using watched = await follow(options);
    const { engine } = watched.app;
    await writeFile(join(watched.folder, 'lecture.mp3'), 'sound');
    const { id } = await watched.only({ kind });
    expect(await engine.decisions.dismiss({ ids: [id] })).toBe(1);
    const [sent, held] = kind === 'queued' ? [1, 0] : [0, 1];
    expect(engine.decisions.sendAgain({ ids: [id] })).toEqual({ sent, held });
    await watched.only({ kind });
    await engine.addFolder(watched.folder, { ...bioClass, classId: 'chem-7' });
    engine.queue.setPaused(false);
    const { destination } = await watched.only({ kind: 'verified' });
    expect(destination).toMatchObject({ classId: 'chem-7' });
  },
);

const chem = { ...bioClass, classId: 'chem-7' };
const chemToo = { ...toBio, classId: 'chem-7' };

test.for([
  ['not read', false, false],
  ['read', true, false],
  ['read, and sent again', true, true],
] as const)(
  'a recording that was dismissed when it was %s, goes to the class that its corrected rule says',
  async ([, isRead, isSentFirst]) => {
    let isThere = false;
    await using watched = await follow({
      isPaused: !isRead,
      wrap: (remote) => ({
        ...remote,
        putObject: (...args) => (isThere ? remote.putObject(...args) : hang(args[4])),
      }),
    });
    const { engine } = watched.app;
    await writeFile(join(watched.folder, 'lecture.mp3'), 'sound');
    const { id } = await watched.only({ kind: isRead ? 'uploading' : 'queued' });
    const isFingerprinted = () => engine.jobs.get(id)?.fingerprint !== undefined;
    await expect.poll(isFingerprinted).toBe(isRead);
    expect(await engine.decisions.dismiss({ ids: [id] })).toBe(1);
    engine.queue.setPaused(true);
    isThere = true;
    if (isSentFirst) engine.decisions.sendAgain({ ids: [id] });
    await engine.addFolder(watched.folder, chem);
    if (!isSentFirst) engine.decisions.sendAgain({ ids: [id] });
    engine.queue.setPaused(false);
    const { destination } = await watched.only({ kind: 'verified' });
    expect(destination).toMatchObject({ classId: 'chem-7' });
  },
);

test.for([
  ['sent to that class already', false],
  ['sent to that class, and dismissed there', true],
] as const)(
  'a rule is corrected also where a person has %s: what it finds goes there, once',
  async ([, isDismissed]) => {
    await using watched = await follow({ isPaused: true });
    const { engine, remote } = watched.app;
    const path = join(watched.folder, 'lecture.mp3');
    await writeFile(path, 'sound');
    const { id } = await watched.only({ kind: 'queued' });
    const sent = engine.uploadNow([path], chemToo, AbortSignal.timeout(50_000));
    await expect.poll(watched.states).toHaveLength(2);
    const [, second] = engine.jobs.list('queued', 2);
    if (isDismissed) await engine.decisions.dismiss({ ids: [second!.id] });
    await engine.addFolder(watched.folder, chem);
    engine.queue.setPaused(false);
    await expect.poll(watched.states).toMatchObject([{ kind: 'dropped' }, { kind: 'verified' }]);
    expect(await sent).toHaveLength(1);
    expect(engine.decisions.sendAgain({ ids: [id] })).toEqual({ sent: 0, held: 0 });
    expect(await keysOf(remote)).toHaveLength(1);
  },
);

test('a dismissed recording that a person sends to a class goes there, also when its folder has another then', async () => {
  await using watched = await follow({ isPaused: true });
  const { engine } = watched.app;
  const path = join(watched.folder, 'lecture.mp3');
  await writeFile(path, 'sound');
  const { id } = await watched.only({ kind: 'queued' });
  expect(await engine.decisions.dismiss({ ids: [id] })).toBe(1);
  const sent = engine.uploadNow([path], toBio, AbortSignal.timeout(50_000));
  await watched.only({ kind: 'queued' });
  await engine.addFolder(watched.folder, { ...bioClass, classId: 'chem-7' });
  engine.queue.setPaused(false);
  expect(await sent).toMatchObject([{ id, state: { kind: 'verified' }, destination: toBio }]);
});

test('all that wait for one reason are let go at once, and nothing else', async () => {
  await using watched = await follow({ isPaused: true });
  for (const n of [1, 2, 3]) await writeFile(join(watched.folder, `${n}.mp3`), '');
  await writeFile(join(watched.folder, 'lecture.mp3'), 'sound');
  const { engine } = watched.app;
  await expect.poll(() => watched.states().length).toBe(4);
  expect(await engine.decisions.dismiss({ ids: [], code: 'unfinished' })).toBe(0);
  expect(await engine.decisions.dismiss({ ids: [], code: 'empty' })).toBe(3);
  expect(
    watched
      .states()
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(['dropped', 'dropped', 'dropped', 'queued']);
});

test('an upload that is on its way stops when it is dismissed, and leaves nothing in the bucket', async () => {
  await using watched = await follow({ isPaused: true });
  const { engine, remote } = watched.app;
  const path = join(watched.folder, 'long.mp4');
  const bytes = await randomFile(path, 60 * MIB);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const job = await watched.only({ kind: 'queued' });
  const begun = Promise.withResolvers<void>();
  engine.events.on((event) => {
    if (
      event.type === 'job' &&
      event.job.state.kind === 'uploading' &&
      event.job.state.sentBytes > 0
    )
      begun.resolve();
  });
  engine.queue.setPaused(false);
  await begun.promise;
  expect(await engine.decisions.dismiss({ ids: [job.id] })).toBe(1);
  expect(watched.states()).toEqual([{ kind: 'dropped', why: 'cancelled' }]);
  await expect.poll(() => unfinishedUploads(watched.s3)).toEqual([]);
  expect(await keysOf(remote)).toEqual([]);
  expect(
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  ).toBe(hash);
});

test('one that waits behind another stops at once, too, however long the other takes', async () => {
  const parts: string[] = [];
  await using watched = await follow({
    wrap: (remote) => ({
      ...remote,
      putPart(...args) {
        parts.push(args[0]);
        return hang(args[5]);
      },
    }),
  });
  const { engine } = watched.app;
  for (const name of ['a.mp4', 'b.mp4']) await randomFile(join(watched.folder, name), 32 * MIB);
  const open = () =>
    engine.jobs
      .list('uploading', -1)
      .filter(({ state }) => 'upload' in state && state.upload !== null);
  await expect.poll(open).toHaveLength(2);
  await expect.poll(() => parts).toHaveLength(3);
  const waiting = open().find(({ key }) => key !== parts[0])!;
  expect(await engine.decisions.dismiss({ ids: [waiting.id] })).toBe(1);
  expect(open()).toMatchObject([{ key: parts[0] }]);
});

test('what is stored is not dismissed', async () => {
  await using watched = await follow();
  await writeFile(join(watched.folder, 'lecture.mp3'), 'sound');
  const { id } = await watched.only({ kind: 'verified' });
  expect(await watched.app.engine.decisions.dismiss({ ids: [id] })).toBe(0);
  await watched.only({ kind: 'verified' });
});
