import { appendFile, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bioClass, objectBytes, openTestEngine, type TestEngine } from '../support/engine.ts';
import { ffmpegMissing, recording } from '../support/recordings.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const QUIET_MS = 150;
/** Longer than a test lasts. */
const LONG_MS = 600_000;

/** An engine that follows an empty folder. */
async function follow(options: Parameters<typeof openTestEngine>[2] = {}) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer('embedded'));
  const dir = stack.use(await tempDir());
  const folder = stack.use(await tempDir());
  const app = stack.use(openTestEngine(s3, dir.path, { quietMs: QUIET_MS, ...options }));
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  const stateOf = (path: string) => app.engine.jobs.ofPath(path).map(({ state }) => state);
  const settling = () => app.engine.settling().map(({ sighting, why }) => [sighting.path, why]);
  return {
    app,
    folder: folder.path,
    stateOf,
    settling,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Every version of a file that reached the storage, as bytes. */
async function uploaded({ engine, remote }: TestEngine, path: string): Promise<Buffer[]> {
  const verified = engine.jobs.ofPath(path).filter(({ state }) => state.kind === 'verified');
  return Promise.all(verified.map(({ key }) => objectBytes(remote, key!)));
}

describe.skipIf(ffmpegMissing())('a recorder', () => {
  // It writes the half of a real recording, lets go of the file, and goes on after the quiet time.
  test.for([
    ['mp4', 'the index'],
    ['wav', 'the length'],
    ['mkv', 'the size'],
  ] as const)(
    'of %s that closes its file in a pause and goes on is waited for until %s is there',
    async ([kind]) => {
      await using watched = await follow({ graceMs: LONG_MS });
      await using elsewhere = await tempDir();
      const { path: whole } = await recording(kind, join(elsewhere.path, `whole.${kind}`));
      const bytes = await readFile(whole);
      const path = join(watched.folder, `lecture.${kind}`);
      const half = Math.floor(bytes.length / 2);
      await writeFile(path, bytes.subarray(0, half));
      await expect.poll(watched.settling).toEqual([[path, 'unfinished']]);
      // Another that comes later goes through meanwhile: the pause was longer than the quiet time.
      const other = join(watched.folder, 'other.mp3');
      await recording('mp3', other);
      await expect.poll(() => watched.stateOf(other)).toMatchObject([{ kind: 'verified' }]);
      expect(watched.stateOf(path)).toEqual([]);
      await appendFile(path, bytes.subarray(half));
      await expect.poll(() => watched.stateOf(path)).toMatchObject([{ kind: 'verified' }]);
      expect(await uploaded(watched.app, path)).toEqual([bytes]);
    },
  );

  test('that never comes back leaves a held recording; when it comes back after all, that one goes up', async () => {
    await using watched = await follow();
    await using elsewhere = await tempDir();
    const { path: whole } = await recording('mp4', join(elsewhere.path, 'whole.mp4'));
    const bytes = await readFile(whole);
    const path = join(watched.folder, 'lecture.mp4');
    await writeFile(path, bytes.subarray(0, bytes.length - 500));
    const held = { kind: 'held', reason: 'unfinished' };
    await expect.poll(() => watched.stateOf(path)).toEqual([held]);
    expect(watched.settling()).toEqual([]);
    await appendFile(path, bytes.subarray(bytes.length - 500));
    const superseded = { kind: 'dropped', why: 'superseded' };
    await expect
      .poll(() => watched.stateOf(path))
      .toMatchObject([superseded, { kind: 'verified' }]);
    expect(await uploaded(watched.app, path)).toEqual([bytes]);
  });

  test('that only corrects the head of its file is noticed, too', async () => {
    await using watched = await follow();
    const path = join(watched.folder, 'lecture.wav');
    await recording('wav', path);
    const { size } = await stat(path);
    const at = (await readFile(path)).indexOf('data') + 4;
    const write = async (length: number) => {
      await using file = await open(path, 'r+');
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(length);
      await file.write(bytes, 0, 4, at);
    };
    await write(0); // As while it is recorded.
    const last = () => watched.stateOf(path).at(-1);
    await expect.poll(last).toMatchObject({ kind: 'held', reason: 'unfinished' });
    await write(size - at - 4);
    await expect.poll(last).toMatchObject({ kind: 'verified' });
    expect(await uploaded(watched.app, path)).toEqual([await readFile(path)]);
  });
});

test('an empty file is waited for, then held; what is written into it later goes up', async () => {
  await using watched = await follow({ graceMs: 2_000 });
  const path = join(watched.folder, 'lecture.mp3');
  await writeFile(path, '');
  await expect.poll(watched.settling).toEqual([[path, 'unfinished']]);
  await expect.poll(() => watched.stateOf(path)).toEqual([{ kind: 'held', reason: 'empty' }]);
  await writeFile(path, 'sound');
  await expect.poll(() => watched.stateOf(path).at(-1)).toMatchObject({ kind: 'verified' });
});

test('a meeting that Zoom has not converted is held, and its video goes up when it is there', async () => {
  await using watched = await follow();
  const meeting = join(watched.folder, 'double_click_to_convert_01.zoom');
  await writeFile(meeting, 'raw');
  await writeFile(join(watched.folder, 'audio_only.zoom'), 'a part of it');
  await expect
    .poll(() => watched.stateOf(meeting))
    .toEqual([{ kind: 'held', reason: 'unconverted' }]);
  const video = join(watched.folder, 'video1.mp4');
  await writeFile(`${video}.tmp`, 'converted');
  await rename(`${video}.tmp`, video);
  await expect.poll(() => watched.stateOf(video)).toMatchObject([{ kind: 'verified' }]);
  const names = watched.app.engine.jobs.list(undefined, 10).map(({ name }) => name);
  expect(names).toEqual(['double_click_to_convert_01.zoom', 'video1.mp4']);
});

test('what looks unfinished stays held when its folder gets another class, and would go there', async () => {
  await using watched = await follow();
  const path = join(watched.folder, 'lecture.mp3');
  await writeFile(path, '');
  await expect.poll(() => watched.stateOf(path)).toEqual([{ kind: 'held', reason: 'empty' }]);
  await watched.app.engine.addFolder(watched.folder, { ...bioClass, classId: 'chem-7' });
  expect(watched.app.engine.jobs.ofPath(path)).toMatchObject([
    { state: { kind: 'held', reason: 'empty' }, destination: { classId: 'chem-7' } },
  ]);
});
