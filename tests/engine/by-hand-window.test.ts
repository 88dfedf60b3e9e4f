/** @file Files that a window sends by hand: they are its until they are in the queue, and nothing half-written goes. */
import { appendFileSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Silence } from '../../electron/engine/files/disks.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';

const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;

test('a file that goes on changing is not sent and is told, and until then nobody is told to leave', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  const [whole, growing] = [join(app.folder, 'whole.mp3'), join(app.folder, 'growing.mp3')];
  for (const path of [whole, growing]) {
    await writeFile(path, 'sound');
    app.host.dropped(path);
  }
  expect(await api.getStatus({})).toMatchObject({ safeToLeave: true });
  const recorder = setInterval(() => appendFileSync(growing, 'more'), 20);
  const answered = api
    .uploadFiles({ paths: [whole, growing], to })
    .finally(() => clearInterval(recorder));
  await expect
    .poll(async () => (await api.getStatus({})).reason)
    .toMatch(/new or still being written/);
  expect(await answered).toEqual({ left: [{ path: growing, why: 'still-changing' }] });
  await expect
    .poll(() => api.getStatus({}))
    .toMatchObject({ safeToLeave: true, counts: { verified: 1 } });
  // Once its recorder has ended it goes.
  expect(await api.uploadFiles({ paths: [growing], to })).toEqual({ left: [] });
  await expect.poll(async () => (await api.getStatus({})).counts['verified']).toBe(2);
});

test('as long as one after the other is taken, none is told as still being written', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  const paths = ['first.mp3', 'last.mp3'].map((name) => join(app.folder, name));
  for (const path of paths) {
    await writeFile(path, 'sound');
    app.host.dropped(path);
  }
  const begunMs = performance.now();
  /** The first ends well within the patience for one; the last after it, and well within that for the next. */
  const writesUntilMs = [3_000, 6_000];
  const recorder = setInterval(() => {
    for (const [i, path] of paths.entries())
      if (performance.now() - begunMs < writesUntilMs[i]!) appendFileSync(path, 'more');
  }, 20);
  const answered = await api.uploadFiles({ paths, to }).finally(() => clearInterval(recorder));
  expect(answered).toEqual({ left: [] });
});

test('files that are chosen are shown without their sizes when their disk has stopped answering', async () => {
  let chosen: string[] = [];
  await using app = await openTestAppHost({
    desktop: {
      chooseFiles: () => Promise.resolve(chosen),
      chooseSavePath: () => Promise.resolve(undefined),
    },
  });
  const api = apiOf(app);
  const path = join(app.folder, 'known.mp3');
  await writeFile(path, 'sound');
  chosen = [path];
  const sizes = async () => (await api.chooseFiles({})).files.map(({ sizeBytes }) => sizeBytes);
  expect(await sizes()).toEqual([5]);
  expect(await api.uploadFiles({ paths: [path], to })).toEqual({ left: [] });
  await expect.poll(async () => (await api.getStatus({})).counts['verified']).toBe(1);
  const answer = Promise.withResolvers<void>();
  const { dev } = await stat(path, { bigint: true });
  await expect(ask(String(dev), () => answer.promise, { limitMs: 1 })).rejects.toThrow(Silence);
  expect(await sizes()).toEqual([null]);
  answer.resolve();
});
