/** @file What is known to be on a disk that answers is found there, whatever other disks do not answer. */
import { stat } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ask, Silence } from '../../electron/engine/files/disks.ts';
import { surveyPlan } from '../../electron/engine/migrate/cleanup.ts';
import { assertWatchable } from '../../electron/engine/watch/watchable.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { openArchive } from '../support/archive.ts';
import { look, withUploads } from '../support/audited.ts';
import { bioClass } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Of which nobody says what it is. */
const hung = vi.hoisted(() => new Set<string>());
vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original();
  const mocked = (...[path, ...rest]: Parameters<typeof real.stat>) =>
    hung.has(String(path)) ? new Promise(() => {}) : real.stat(path, ...rest);
  return { ...real, stat: mocked as typeof real.stat };
});
vi.mock(import('../../electron/engine/files/disks.ts'), async (original) => {
  const real = await original();
  const soon: typeof real.ask = (name, question, patience) =>
    real.ask(name, question, hung.size > 0 ? { limitMs: 500, ...patience } : patience);
  return { ...real, ask: soon };
});

/** Threads that are lost to places of which nobody knows on which disk they are. */
async function threeHungPaths(): Promise<void> {
  const late = Promise.withResolvers<void>();
  onTestFinished(() => late.resolve());
  const asked = [1, 2, 3].map((n) => ask(`/share/${n}`, () => late.promise, { limitMs: 20 }));
  for (const one of asked) await expect(one).rejects.toBeInstanceOf(Silence);
}

test('a watched folder is connected for an audit while three places do not answer', async () => {
  await using t = await withUploads(['a.mp4']);
  const folders = folderStore(t.app.home.database, Date.now);
  const [folder] = folders.list();
  const { dev } = await stat(t.folder);
  expect(folders.identity(folder!.id)).toMatchObject({ device: String(dev) });
  await threeHungPaths();
  expect((await look(t.app, 'list')).byName).toEqual({ 'a.mp4': 'equal' });
});

test('an archive that was seen is there while three places do not answer', async () => {
  await using archive = await openArchive({ 'a.mp3': 'lecture a' });
  const { context, plan } = archive;
  await surveyPlan(context, plan, 'full', 0);
  await threeHungPaths();
  expect(await surveyPlan(context, plan, 'full', 0)).toMatchObject({ pending: { files: 1 } });
});

test('a folder is watched when the disk of an archive that was seen has stopped answering', async () => {
  await using dir = await tempDir();
  await using other = await tempDir();
  await using archive = await openArchive({ 'a.mp3': 'lecture a' });
  const { context, plan, app } = archive;
  await surveyPlan(context, plan, 'full', 0);
  const late = Promise.withResolvers<void>();
  onTestFinished(() => late.resolve());
  const device = String((await stat(plan.root)).dev);
  const asked = [1, 2].map(() => ask(device, () => late.promise, { limitMs: 20 }));
  for (const one of asked) await expect(one).rejects.toBeInstanceOf(Silence);
  hung.add(plan.root);
  onTestFinished(() => hung.clear());
  await expect(surveyPlan(context, plan, 'full', 0)).rejects.toMatchObject({ code: 'folder-away' });
  const folders = folderStore(app.home.database, Date.now);
  expect(await assertWatchable(other.path, folders, dir.path)).toMatchObject({ path: other.path });
});

test('a folder is watched while a watched one stops answering in the middle of being compared with it', async () => {
  await using dir = await tempDir();
  await using one = await tempDir();
  await using other = await tempDir();
  await using archive = await openArchive({ 'a.mp3': 'lecture a' });
  const folders = folderStore(archive.app.home.database, Date.now);
  folders.put(one.path, bioClass);
  hung.add(one.path);
  onTestFinished(() => hung.clear());
  expect(await assertWatchable(other.path, folders, dir.path)).toMatchObject({ path: other.path });
});
