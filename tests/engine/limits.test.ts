/** @file What a folder's rule does not take, and what is not what its name says: held, never lost. */
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeFile } from '../../electron/engine/container/judge.ts';
import type { FolderRule } from '../../electron/engine/store/folders.ts';
import {
  bioClass,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
  toBio,
} from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

/** An engine that follows an empty folder by this rule. */
async function follow(rule: Partial<FolderRule> = {}, graceMs = 0) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer('embedded'));
  const dir = stack.use(await tempDir());
  const folder = stack.use(await tempDir());
  const app = stack.use(openTestEngine(s3, dir.path, { quietMs: 150, rescanMs: 1_000, graceMs }));
  const setRule = (next: Partial<FolderRule>) =>
    app.engine.addFolder(folder.path, { ...bioClass, ...next });
  await setRule(rule);
  app.engine.start();
  const path = (name: string) => join(folder.path, name);
  /** To be polled: of the newest version of a file. */
  const stateOf = (name: string) => () => app.engine.jobs.ofPath(path(name)).at(-1)?.state;
  return {
    ...app,
    path,
    setRule,
    stateOf,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const page = Buffer.from(`<!doctype html><title>Sign in</title>${' '.repeat(5_000)}`);

test('a web page under the name of a recording is held in words, and goes up when a person says so', async () => {
  await using app = await follow();
  const { engine, remote } = app;
  await writeFile(app.path('lecture.mp4'), page);
  await expect.poll(app.stateOf('lecture.mp4')).toMatchObject({
    kind: 'held',
    reason: 'wrong-type',
    detail: 'It begins like a web page; its name says .mp4',
  });
  expect(await keysOf(remote)).toEqual([]);
  const [job] = engine.jobs.ofPath(app.path('lecture.mp4'));
  expect(engine.decisions.uploadAnyway({ ids: [job!.id] })).toBe(1);
  engine.queue.pump();
  await expect.poll(app.stateOf('lecture.mp4')).toMatchObject({ kind: 'verified' });
  const { key } = engine.jobs.get(job!.id)!;
  expect(await objectBytes(remote, key!)).toEqual(page);
  // Nothing asks again: not the next scan, and not a rule that is saved anew.
  await app.setRule({ exclude: ['drafts/**'] });
  await engine.syncOnce(AbortSignal.timeout(50_000));
  expect(app.stateOf('lecture.mp4')()).toMatchObject({ kind: 'verified' });
});

test('a recording under the ending of another goes up as ever', async () => {
  await using app = await follow();
  const head = Buffer.from('RIFF\xdc\x0b\0\0WAVEfmt \x10\0\0\0', 'latin1');
  const sound = Buffer.from('data\xb8\x0b\0\0', 'latin1');
  const wav = Buffer.concat([head, Buffer.alloc(16, 1), sound, Buffer.alloc(3_000, 7)]);
  await writeFile(app.path('talk.mp4'), wav);
  await expect.poll(app.stateOf('talk.mp4')).toMatchObject({ kind: 'verified' });
});

test('what is over its folder’s limit is held with both sizes, and goes up by itself once the limit allows it', async () => {
  await using app = await follow({ maxBytes: 50_000 });
  await randomFile(app.path('long.mp3'), 60_000);
  await randomFile(app.path('short.mp3'), 50_000);
  await expect.poll(app.stateOf('short.mp3')).toMatchObject({ kind: 'verified' });
  await expect.poll(app.stateOf('long.mp3')).toMatchObject({
    reason: 'over-limit',
    detail: '60 kB; its folder takes 50 kB at most',
  });
  await app.setRule({ maxBytes: 55_000 });
  await expect.poll(app.stateOf('long.mp3')).toMatchObject({
    kind: 'held',
    detail: '60 kB; its folder takes 55 kB at most',
  });
  await app.setRule({ maxBytes: 70_000 });
  await expect.poll(app.stateOf('long.mp3')).toMatchObject({ kind: 'verified' });
});

test('once a limit allows it, a file is still held for what else keeps it', async () => {
  await using app = await follow({ maxBytes: 1_000 });
  await writeFile(app.path('lecture.mp4'), page);
  await expect
    .poll(app.stateOf('lecture.mp4'))
    .toMatchObject({ kind: 'held', reason: 'over-limit' });
  await app.setRule({ maxBytes: 1_000_000 });
  await expect
    .poll(app.stateOf('lecture.mp4'))
    .toMatchObject({ kind: 'held', reason: 'wrong-type' });
});

test('nothing is read of a file that its size or its name keeps', async () => {
  // There is no such file: whoever opened it would say nothing against it.
  const gone = { path: '/nowhere/lecture.mp4', sizeBytes: 5_000_000_000 };
  expect(await judgeFile(gone, { maxBytes: 2_000_000_000 })).toMatchObject({
    hold: { reason: 'over-limit', detail: '5 GB; its folder takes 2 GB at most' },
  });
  expect(await judgeFile(gone, { types: ['mp3'] })).toMatchObject({
    hold: { reason: 'not-taken' },
  });
  expect(await judgeFile(gone)).toEqual({ kind: 'unknown' });
});

test('a recording of a type that its folder does not take is held, and goes up once it does', async () => {
  await using app = await follow({ types: ['mp3'] });
  await randomFile(app.path('camera.mkv'), 9_000);
  await expect.poll(app.stateOf('camera.mkv')).toMatchObject({
    reason: 'not-taken',
    detail: 'mkv; its folder takes mp3',
  });
  await app.setRule({ types: ['mp3', 'mkv'] });
  await expect.poll(app.stateOf('camera.mkv')).toMatchObject({ kind: 'verified' });
});

test('a file below its folder’s limit is waited for while it may grow, and then held', async () => {
  await using app = await follow({ minBytes: 10_000 }, 4_000);
  await randomFile(app.path('grows.mp3'), 4_000);
  await randomFile(app.path('stays.mp3'), 4_000);
  await expect
    .poll(() => app.engine.settling().map(({ why }) => why))
    .toEqual(['unfinished', 'unfinished']);
  await appendFile(app.path('grows.mp3'), Buffer.alloc(8_000, 3));
  await expect.poll(app.stateOf('grows.mp3')).toMatchObject({ kind: 'verified' });
  await expect.poll(app.stateOf('stays.mp3')).toMatchObject({
    reason: 'under-limit',
    detail: '4 kB; its folder takes 10 kB at least',
  });
});

test('what a person sends by hand is held, too, when it is not what its name says', async () => {
  await using app = await follow();
  await using elsewhere = await tempDir();
  const path = join(elsewhere.path, 'report.pdf');
  await writeFile(path, page);
  const [result] = await app.engine.uploadNow(
    [path],
    { ...toBio, kind: 'documents' },
    AbortSignal.timeout(50_000),
  );
  expect(result).toMatchObject({ state: { kind: 'held', reason: 'wrong-type' } });
  expect(await keysOf(app.remote)).toEqual([]);
});
